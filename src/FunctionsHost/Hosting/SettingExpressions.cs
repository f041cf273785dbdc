using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>Settings that triggers name as %Setting%.</summary>
internal static partial class SettingExpressions
{
    /// <exception cref="InvalidOperationException">There is no such setting; the message names it.</exception>
    public static string Fill(string text, IConfiguration configuration) =>
        Setting().Replace(text, match => configuration[match.Groups[1].Value] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"'{match.Value}' of the trigger does not resolve: there is no setting '{match.Groups[1].Value}'."));

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();
}
