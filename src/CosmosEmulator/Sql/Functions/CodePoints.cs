namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Strings counted as the service counts them: a character beyond the first plane is one, not two.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        int pairs = 0;
        for (int i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    /// <summary>Where that many characters of the text end; its length when it has fewer.</summary>
    public static int Offset(string text, long count)
    {
        int offset = 0;
        for (; count > 0 && offset < text.Length; count--)
        {
            offset += char.IsSurrogatePair(text, offset) ? 2 : 1;
        }

        return offset;
    }
}
