namespace Serverless.Functions.Http;

/// <summary>
/// What still fits on a page: as many items as were asked for, unless they are too large together. One always fits. An answer is held in memory
/// whole, and a commit may have 2 MB.
/// </summary>
internal sealed class PageRoom(int items)
{
    private int left = items;
    private long bytes;

    public bool IsUsedUp => left <= 0 || bytes >= HttpLimits.PageBytes;

    public void Take(params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        left--;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            bytes += part.Length;
        }
    }
}
