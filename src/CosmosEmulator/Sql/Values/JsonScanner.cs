namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>
/// Finds the ends of names and values in JSON that was parsed before, as every stored item was when it was written. It looks only at
/// quotes and brackets, which makes it several times faster than a reader that checks everything again.
/// </summary>
internal static class JsonScanner
{
    /// <summary>The first place at or after this one that is no blank and no comma or colon.</summary>
    public static int SkipSeparators(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or (byte)':')
        {
            at++;
        }

        return at;
    }

    /// <summary>The place behind the value that starts here.</summary>
    public static int SkipValue(ReadOnlySpan<byte> json, int at) => json[at] switch
    {
        (byte)'"' => SkipString(json, at),
        (byte)'{' or (byte)'[' => SkipNested(json, at),
        _ => SkipScalar(json, at),
    };

    /// <summary>The place behind the string whose first quote is here.</summary>
    public static int SkipString(ReadOnlySpan<byte> json, int at)
    {
        at++;
        while (true)
        {
            at += json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[at] == (byte)'"')
            {
                return at + 1;
            }

            at += 2; // The backslash and what it escapes.
        }
    }

    // Structure comes in steps of a few bytes, where a plain loop beats a vectorized search.
    private static int SkipNested(ReadOnlySpan<byte> json, int at)
    {
        int depth = 0;
        while (true)
        {
            switch (json[at])
            {
                case (byte)'"':
                    at = SkipString(json, at);
                    continue;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when --depth == 0:
                    return at + 1;
            }

            at++;
        }
    }

    private static int SkipScalar(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is not ((byte)',' or (byte)']' or (byte)'}' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            at++;
        }

        return at;
    }
}
