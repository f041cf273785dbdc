using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>The parameter files read every switch from an environment variable.</summary>
internal static partial class ParameterFile
{
    /// <summary>The variables that <c>infra/main.bicepparam</c> reads.</summary>
    public static IReadOnlyList<string> Switches { get; } =
        [.. Variable().Matches(File.ReadAllText(RepositoryFiles.At("infra/main.bicepparam"))).Select(m => m.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"readEnvironmentVariable\('([A-Z_]+)'")]
    private static partial Regex Variable();
}
