using System.Text.Json;
using BitFaster.Caching.Lru;

namespace Serverless.EventSourcing;

/// <summary>
/// Finds the key that a stream names in one of its events. What was searched is noted beside the views, so that a delivery costs the same
/// however long the stream is: a host that knows nothing reads the note and at most <see cref="NoteEvery"/> versions behind it.
/// </summary>
internal sealed class StreamKeys(IEventStore store, IViewStore views, int capacity)
{
    /// <summary>Versions that may be searched again by a host that knows nothing.</summary>
    internal const int NoteEvery = 100;

    private readonly ConcurrentLru<(string Consumer, StreamName Stream), Found> known = new(Math.Max(3, capacity));

    /// <summary>The first key that the stream names; null when it names none up to the newest of the given commits.</summary>
    public async ValueTask<string?> FindAsync(IConsumer consumer, StreamCommits stream, CancellationToken cancellationToken)
    {
        (string, StreamName) place = (consumer.FullName, stream.Stream);
        Found before = known.TryGet(place, out Found? found) ? found : new Found(Key: null, Through: 0, Noted: 0);
        if (before.Key is { } key)
        {
            return key;
        }
        Search search = new(consumer, stream, store, views, before);
        Found after = await search.RunAsync(cancellationToken);
        known.AddOrUpdate(place, after);
        return after.Key;
    }

    /// <param name="Key">The key; null when there is none so far.</param>
    /// <param name="Through">Up to this version the stream names none.</param>
    /// <param name="Noted">Up to this version the store knows that.</param>
    private sealed record Found(string? Key, long Through, long Noted);

    private sealed class Search(IConsumer consumer, StreamCommits stream, IEventStore store, IViewStore views, Found before)
    {
        private readonly ViewPartition place = new(consumer.Name, consumer.Version, $"key~~{stream.Stream}"); // No key begins like this by chance.
        private long through = before.Through;
        private long noted = before.Noted;
        private bool hasReadNote = before.Noted > 0;
        private ViewDocument? note;

        public async Task<Found> RunAsync(CancellationToken cancellationToken)
        {
            string? key = await FindAsync(cancellationToken);
            // What is discarded stays in the stream, and every later search would meet it.
            bool isDiscarding = stream.DiscardedVersion is not null;
            if (key is not null ? (isDiscarding || hasReadNote) && KeyIn(note) != key : isDiscarding || through - noted >= NoteEvery)
            {
                await NoteAsync(key, cancellationToken);
                noted = through;
            }
            return new Found(key, through, noted);
        }

        private async Task<string?> FindAsync(CancellationToken cancellationToken)
        {
            foreach (Commit commit in stream.Commits)
            {
                if (commit.FirstVersion > through + 1 && await FindBeforeAsync(commit.FirstVersion - 1, cancellationToken) is { } missed)
                {
                    return missed;
                }
                if (commit.LastVersion > through)
                {
                    if (!stream.IsDiscarded(commit) && consumer.KeyOf(commit) is { } named)
                    {
                        return named;
                    }
                    through = commit.LastVersion;
                }
            }
            return null;
        }

        /// <summary>Searches up to a version that is before what was given. What was given may not be readable in the store.</summary>
        private async Task<string?> FindBeforeAsync(long last, CancellationToken cancellationToken)
        {
            if (last >= NoteEvery && !hasReadNote && await ReadNoteAsync(cancellationToken) is { } key)
            {
                return key;
            }
            try
            {
                return await FindStoredAsync(last, cancellationToken);
            }
            catch (PoisonException e) when (!hasReadNote)
            {
                string? known = await ReadNoteAsync(cancellationToken);
                if (known is null && through < e.Version)
                {
                    throw;
                }
                return known ?? await FindStoredAsync(last, cancellationToken);
            }
        }

        private async Task<string?> FindStoredAsync(long last, CancellationToken cancellationToken)
        {
            if (through < last)
            {
                await foreach (Commit commit in NewCommits.StoredAsync(stream.Stream, through + 1, store, cancellationToken))
                {
                    if (consumer.KeyOf(commit) is { } key)
                    {
                        return key;
                    }
                    through = commit.LastVersion;
                    if (through >= last)
                    {
                        return null;
                    }
                }
            }
            if (through < last)
            {
                // A replica that is behind shows less than was delivered. The tail is never read from one.
                StreamTail tail = await store.ReadTailAsync(StreamHead.SeenByStore(stream.Stream, through), [], cancellationToken);
                return tail.Commits.TakeWhile(c => c.LastVersion <= last).Select(consumer.KeyOf).FirstOrDefault(k => k is not null);
            }
            return null;
        }

        /// <summary>The key, if the note has it. Otherwise it says from where on to search.</summary>
        private async Task<string?> ReadNoteAsync(CancellationToken cancellationToken)
        {
            hasReadNote = true;
            ViewRead read = await views.ReadAsync(place, [ViewDocument.SingleId], cancellationToken);
            note = read.Documents is [{ } stored] ? stored : null;
            noted = note?.Seen.GetValueOrDefault(stream.Stream.Value) ?? 0;
            through = Math.Max(through, noted);
            return KeyIn(note);
        }

        private async Task NoteAsync(string? key, CancellationToken cancellationToken)
        {
            if (await ReadNoteAsync(cancellationToken) is null)
            {
                ViewDocument next = new()
                {
                    Id = ViewDocument.SingleId,
                    Kind = ViewKind.Marker,
                    Seen = new Dictionary<string, long>(StringComparer.Ordinal) { [stream.Stream.Value] = through },
                    Data = key is null ? default : JsonSerializer.SerializeToUtf8Bytes(key, JsonSerializerOptions.Default),
                    ETag = note?.ETag,
                };
                await views.TryWriteAsync(place, [next], cancellationToken); // A race is lost to one that says as much.
            }
        }

        private static string? KeyIn(ViewDocument? note) =>
            note is null || note.Data.IsEmpty ? null : JsonSerializer.Deserialize<string>(note.Data.Span, JsonSerializerOptions.Default);
    }
}
