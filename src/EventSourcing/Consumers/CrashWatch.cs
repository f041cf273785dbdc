using System.Collections.Concurrent;

namespace Serverless.EventSourcing;

/// <summary>
/// Finds the stream whose handling kills the process. The batches that a process begins with are noted before they are handled. A batch
/// that is delivered and has a note was in the hands of a process that ended: its streams are then handled one at a time, each noted
/// before, and a stream under which the process ended often enough is given up. Batches after the first minute cost nothing: after a
/// crash the batch to blame is among the first, but the platform does not say which range of the feed it is of.
/// </summary>
public sealed class CrashWatch(IWorkNotes notes, TimeProvider time, ConsumerOptions options) : IDisposable
{
    private readonly SemaphoreSlim alone = new(1, 1);
    private readonly string run = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, long> started = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> completed = new(StringComparer.Ordinal);

    /// <param name="consumer">Whose batch it is.</param>
    /// <param name="place">Where the batch begins, as it will again when it is delivered again.</param>
    /// <param name="items">The batch.</param>
    /// <param name="streamOf">The stream of an item.</param>
    /// <param name="handle">Handles all or some of the items. When it returns they are done.</param>
    /// <param name="giveUp">Does without handling what has killed the process so often, at least so far that the rest may be handled.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<TResult>> RunAsync<T, TResult>(
        string consumer, string place, IReadOnlyList<T> items, Func<T, string> streamOf,
        Func<IReadOnlyList<T>, Task<TResult>> handle, Func<IReadOnlyList<T>, int, Task<TResult>> giveUp, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentNullException.ThrowIfNull(giveUp);
        long start = started.GetOrAdd(consumer, static (_, clock) => clock.GetTimestamp(), time);
        if (items.Count == 0 || (completed.ContainsKey(consumer) && time.GetElapsedTime(start) > options.CrashWatch))
        {
            return [await handle(items)];
        }
        WorkNote found = await notes.ReadAsync(consumer, place, cancellationToken) ?? await BeginAsync();
        bool isOwn = found.Run == run;
        IReadOnlyList<TResult> results = isOwn && found.Stream is null && found.Deaths.Count == 0
            ? [await handle(items)]
            : await OneByOneAsync(isOwn || found.Stream is null ? found : found with { Deaths = WithOneMore(found) });
        await notes.DeleteAsync(consumer, place, cancellationToken);
        completed[consumer] = true;
        return results;

        async Task<WorkNote> BeginAsync()
        {
            WorkNote begun = new() { Consumer = consumer, Place = place, Run = run };
            await notes.WriteAsync(begun, cancellationToken);
            return begun;
        }

        async Task<IReadOnlyList<TResult>> OneByOneAsync(WorkNote note)
        {
            List<TResult> done = [];
            foreach (IGrouping<string, T> stream in items.GroupBy(streamOf, StringComparer.Ordinal))
            {
                // Alone in the whole process, so that what it dies of meanwhile is this stream.
                await alone.WaitAsync(cancellationToken);
                try
                {
                    await notes.WriteAsync(note with { Run = run, Stream = stream.Key }, cancellationToken);
                    done.Add(note.Deaths.GetValueOrDefault(stream.Key) is int deaths && deaths >= options.MaxDeaths
                        ? await giveUp([.. stream], deaths)
                        : await handle([.. stream]));
                    await notes.WriteAsync(note with { Run = run, Stream = null }, cancellationToken);
                }
                finally
                {
                    alone.Release();
                }
            }
            return done;
        }
    }

    public void Dispose() => alone.Dispose();

    private static Dictionary<string, int> WithOneMore(WorkNote note) =>
        new(note.Deaths, StringComparer.Ordinal) { [note.Stream!] = note.Deaths.GetValueOrDefault(note.Stream!) + 1 };
}
