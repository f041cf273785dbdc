using System.Text;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// Makes JSON out of what the service accepts for it: control characters inside of strings that are not escaped. Clients that
/// build their bodies by hand send them, and the service's own tests expect them to be stored.
/// </summary>
internal static class LenientJson
{
    private const byte Space = 0x20;

    /// <summary>The text with the control characters in its strings escaped, or null when there are none.</summary>
    public static byte[]? EscapeControlCharacters(ReadOnlySpan<byte> json)
    {
        if (!ContainsControl(json))
        {
            return null;
        }

        var escaped = new MemoryStream(json.Length + 16);
        bool inString = false;
        bool afterBackslash = false;
        bool changed = false;
        foreach (byte value in json)
        {
            if (inString && value < Space)
            {
                escaped.Write(Encoding.ASCII.GetBytes($"\\u{value:x4}"));
                changed = true;
                continue;
            }

            escaped.WriteByte(value);
            inString ^= value == '"' && !afterBackslash;
            afterBackslash = inString && value == '\\' && !afterBackslash;
        }

        return changed ? escaped.ToArray() : null;
    }

    private static bool ContainsControl(ReadOnlySpan<byte> json) => json.IndexOfAnyInRange((byte)0, (byte)(Space - 1)) >= 0;
}
