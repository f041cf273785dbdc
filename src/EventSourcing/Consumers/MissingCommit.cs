using System.Collections;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// A place in a stream without a commit that can be read: a document that is none, or a gap. How far it reaches follows from the commit
/// after it, or from as much as can be read of the document.
/// </summary>
/// <param name="StandIn">Holds its versions and nothing else.</param>
/// <param name="Next">Where to go on: where the next document begins, or as far as one stand-in can reach. Null when nothing follows.</param>
internal sealed record MissingCommit(Commit StandIn, long? Next)
{
    /// <summary>Null when there is a commit at <paramref name="version"/>, or nothing. Takes the stream from its start: this is a rare thing to do.</summary>
    public static async Task<MissingCommit?> FindAsync(IAsyncEnumerable<JsonElement> items, StreamName stream, long version)
    {
        long? events = null;
        await foreach (JsonElement item in items)
        {
            Delivery delivery = CommitJson.ReadDelivery(item);
            if (delivery.IsStray)
            {
                continue;
            }
            if (delivery.FirstVersion > version)
            {
                Commit hole = Hole(stream, version, delivery.FirstVersion - version);
                return new MissingCommit(hole, hole.LastVersion + 1);
            }
            if (delivery.Commit?.LastVersion >= version)
            {
                return null;
            }
            if (delivery.FirstVersion == version)
            {
                events = EventsIn(item);
            }
        }
        return events is { } last ? new MissingCommit(Hole(stream, version, last), Next: null) : null;
    }

    private static long EventsIn(JsonElement item) =>
        item.TryGetProperty("events"u8, out JsonElement events) && events.ValueKind == JsonValueKind.Array
            ? Math.Max(1, events.GetArrayLength())
            : 1;

    private static Commit Hole(StreamName stream, long version, long events) => new()
    {
        Stream = stream,
        FirstVersion = version,
        Events = new MissingEvents((int)Math.Min(events, int.MaxValue)),
        Metadata = new CommitMetadata
        {
            CommandId = "missing",
            CommandType = "missing",
            PolicyVersion = "",
            Actor = "",
            CorrelationId = "",
            Timestamp = DateTimeOffset.MinValue, // Never the newest that a view has seen.
        },
    };

    /// <summary>As many as the gap is wide, and nothing of them in memory.</summary>
    private sealed class MissingEvents(int count) : IReadOnlyList<StoredEvent>
    {
        private static readonly StoredEvent Missing = new("missing", 1, ReadOnlyMemory<byte>.Empty);

        public int Count => count;

        public StoredEvent this[int index] => Missing;

        public IEnumerator<StoredEvent> GetEnumerator() => Enumerable.Repeat(Missing, count).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
