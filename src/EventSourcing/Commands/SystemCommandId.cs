using System.Security.Cryptography;
using System.Text;

namespace Serverless.EventSourcing;

/// <summary>
/// Command ids that the system derives, in a namespace that no client can use: they begin with a tilde. The same parts always give the
/// same id, and it always fits into <see cref="Limits.MaxCommandIdLength"/>. The form is stored: it must never change.
/// </summary>
public static class SystemCommandId
{
    /// <summary>What every id of the system begins with, and no id of a client.</summary>
    public const char Prefix = '~';

    /// <summary>
    /// <c>~kind/owner/key</c>; where that is too long, <c>~kind/owner/</c> and the SHA-256 of <paramref name="key"/> as 64 hexadecimal digits.
    /// </summary>
    /// <param name="kind">What derives it, such as <c>process</c>.</param>
    /// <param name="owner">The stored name of the process, at most <see cref="Limits.MaxConsumerNameLength"/> characters.</param>
    /// <param name="key">What tells one id of the owner from another; contains a slash, which a hash does not.</param>
    public static string Of(string kind, string owner, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string start = $"{Prefix}{kind}/{owner}/";
        return start.Length + key.Length <= Limits.MaxCommandIdLength
            ? start + key
            : start + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    /// <summary>Whether a client must not use this id.</summary>
    public static bool IsReserved(string? commandId) => commandId is [Prefix, ..];
}
