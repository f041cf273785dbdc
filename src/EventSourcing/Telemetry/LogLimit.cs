namespace Serverless.EventSourcing;

/// <summary>
/// Keeps a log short during an outage: one message per key and interval, and the next one says how many were left out. Safe to use from
/// several threads.
/// </summary>
public sealed class LogLimit(TimeProvider time, TimeSpan interval)
{
    private const int MaxKeys = 1_000;

    private readonly Dictionary<string, (long At, int LeftOut)> keys = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>
    /// Whether a message may be logged now. <paramref name="leftOut"/> says how many with the same key were left out since the last one, and is
    /// empty if none were.
    /// </summary>
    public bool TryTake(string key, out string leftOut)
    {
        lock (gate)
        {
            if (keys.TryGetValue(key, out (long At, int LeftOut) last) && time.GetElapsedTime(last.At) < interval)
            {
                keys[key] = last with { LeftOut = last.LeftOut + 1 };
                leftOut = "";
                return false;
            }
            if (keys.Count >= MaxKeys)
            {
                keys.Clear();
            }
            keys[key] = (time.GetTimestamp(), 0);
            leftOut = last.LeftOut == 0 ? "" : $" ({last.LeftOut} similar messages left out)";
            return true;
        }
    }
}
