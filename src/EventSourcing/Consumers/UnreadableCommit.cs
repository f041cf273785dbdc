using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// A stored document that is no commit, where one was to be left out: how far it reaches is told by the one after it, or by as much as
/// can be read of it.
/// </summary>
/// <param name="StandIn">Holds its versions and nothing else.</param>
/// <param name="Next">Where the next document begins; null when it is the last.</param>
internal sealed record UnreadableCommit(Commit StandIn, long? Next)
{
    /// <summary>Null when no such document begins at <paramref name="version"/>. Reads the stream from its start: this is a rare thing to do.</summary>
    public static async Task<UnreadableCommit?> FindAsync(
        ICommitLog log, StreamName stream, long version, CancellationToken cancellationToken)
    {
        long? events = null;
        await foreach (JsonElement item in log.ReadItemsAsync(stream, cancellationToken))
        {
            Delivery delivery = CommitJson.ReadDelivery(item);
            if (events is not null && delivery.FirstVersion > version)
            {
                return new UnreadableCommit(Hole(stream, version, delivery.FirstVersion - version), delivery.FirstVersion);
            }
            if (delivery.FirstVersion == version && delivery.Commit is null)
            {
                events = EventsIn(item);
            }
        }
        return events is { } last ? new UnreadableCommit(Hole(stream, version, last), Next: null) : null;
    }

    private static long EventsIn(JsonElement item) =>
        item.TryGetProperty("events"u8, out JsonElement events) && events.ValueKind == JsonValueKind.Array
            ? Math.Max(1, events.GetArrayLength())
            : 1;

    private static Commit Hole(StreamName stream, long version, long events) => new()
    {
        Stream = stream,
        FirstVersion = version,
        Events = [.. Enumerable.Repeat(new StoredEvent("unreadable", 1, ReadOnlyMemory<byte>.Empty), checked((int)events))],
        Metadata = new CommitMetadata
        {
            CommandId = "unreadable",
            CommandType = "unreadable",
            PolicyVersion = "",
            Actor = "",
            CorrelationId = "",
            Timestamp = DateTimeOffset.MinValue, // Never the newest that a view has seen.
        },
    };
}
