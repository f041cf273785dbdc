using System.Runtime.ExceptionServices;

namespace Serverless.EventSourcing;

/// <summary>What items came to, in their order, and the first exception that one of them ended with, if any did.</summary>
internal readonly record struct SideBySideResult<T>(IReadOnlyList<T> Completed, ExceptionDispatchInfo? Failure);

internal static class SideBySide
{
    /// <summary>
    /// Runs <paramref name="run"/> for each item, at most <paramref name="maxParallel"/> at a time. An exception of one item does not end
    /// the others: what they do need not be done again. No more items are started when most have failed, as with a database that is down.
    /// </summary>
    public static async Task<SideBySideResult<TResult>> RunAsync<T, TResult>(
        IReadOnlyCollection<T> items, int maxParallel, Func<T, CancellationToken, ValueTask<TResult>> run, CancellationToken cancellationToken)
    {
        (bool IsCompleted, TResult? Result)[] results = new (bool, TResult?)[items.Count];
        ExceptionDispatchInfo? first = null;
        int done = 0;
        int failed = 0;
        await Parallel.ForEachAsync(
            items.Index(),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = maxParallel,
                CancellationToken = cancellationToken,
                TaskScheduler = null, // The caller's: the thread pool, unless a test wants to choose the order.
            },
            async (item, token) =>
            {
                if (Volatile.Read(ref failed) > Math.Max(maxParallel, Volatile.Read(ref done)))
                {
                    return;
                }
                try
                {
                    results[item.Index] = (true, await run(item.Item, token));
                    Interlocked.Increment(ref done);
                }
#pragma warning disable CA1031 // Whatever it is, the caller throws it when the others are done.
                catch (Exception e) when (!token.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                    Interlocked.Increment(ref failed);
                }
            });
        return new SideBySideResult<TResult>([.. results.Where(r => r.IsCompleted).Select(r => r.Result!)], first);
    }
}
