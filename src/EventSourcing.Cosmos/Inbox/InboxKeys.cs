using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The keys that authenticate what is in the inbox. Every command there carries an HMAC-SHA256 of itself. Somebody who can write to the
/// database does not have the keys, so the app does not execute a command that they put there. New items get the HMAC of the first key, and
/// that of either is accepted, so that keys can be rotated.
/// </summary>
public sealed class InboxKeys
{
    /// <summary>The setting with the key that is used: at least <see cref="MinKeyBytes"/> random bytes in base64.</summary>
    public const string KeySetting = "Inbox:Key";

    /// <summary>The setting with a key that is accepted too; may be missing.</summary>
    public const string SecondKeySetting = "Inbox:SecondKey";

    public const int MinKeyBytes = 32;

    /// <summary>The account key of every emulator, which is public: a database with this key has nothing to protect.</summary>
    private const string EmulatorKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private readonly byte[] key;
    private readonly byte[]? second;

    /// <param name="key">In base64.</param>
    /// <param name="secondKey">In base64; null for none.</param>
    /// <exception cref="InvalidOperationException">A key is too short, or not base64.</exception>
    public InboxKeys(string key, string? secondKey = null)
    {
        this.key = Read(key, KeySetting);
        second = secondKey is null ? null : Read(secondKey, SecondKeySetting);
    }

    /// <summary>
    /// Null when there is no key: then an app without an inbox still works, such as a job that reads the store. On an emulator with its
    /// public key there is always one.
    /// </summary>
    /// <exception cref="InvalidOperationException">A key is too short, or not base64.</exception>
    public static InboxKeys? From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string? key = configuration[KeySetting];
        string? second = configuration[SecondKeySetting];
        if (string.IsNullOrWhiteSpace(key))
        {
            bool isEmulator = configuration[CosmosSettings.ConnectionSetting]?.Contains($"AccountKey={EmulatorKey}", StringComparison.Ordinal) == true;
            return isEmulator ? new InboxKeys(EmulatorKey) : null;
        }
        return new InboxKeys(key, string.IsNullOrWhiteSpace(second) ? null : second);
    }

    internal string MacOf(string hash) => MacOf(key, hash);

    internal bool IsMac(string? mac, string hash) => mac is not null && (IsMac(mac, key, hash) || (second is not null && IsMac(mac, second, hash)));

    private static bool IsMac(string mac, byte[] key, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(MacOf(key, hash)));

    private static string MacOf(byte[] key, string hash) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(hash)));

    private static byte[] Read(string text, string setting)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), bytes, out int length) && length >= MinKeyBytes
            ? bytes[..length]
            : throw new InvalidOperationException(
                $"The setting {setting.Replace(":", "__", StringComparison.Ordinal)} is not a key. Set it to at least {MinKeyBytes} random bytes in base64, for example from: openssl rand -base64 32");
    }
}
