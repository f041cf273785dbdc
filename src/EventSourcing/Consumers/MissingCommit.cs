using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// A place in a stream without a commit that can be read: a document that is none, or a gap. How far it reaches follows from the commit
/// after it, or from as much as can be read of the document.
/// </summary>
/// <param name="StandIn">Holds its versions and nothing else.</param>
/// <param name="Next">Where the next document begins; null when there is none.</param>
internal sealed record MissingCommit(Commit StandIn, long? Next)
{
    /// <summary>Null when there is a commit at <paramref name="version"/>, or nothing. Reads the stream from its start: this is a rare thing to do.</summary>
    public static async Task<MissingCommit?> FindAsync(
        ICommitLog log, StreamName stream, long version, CancellationToken cancellationToken)
    {
        long? events = null;
        await foreach (JsonElement item in log.ReadItemsAsync(stream, cancellationToken))
        {
            Delivery delivery = CommitJson.ReadDelivery(item);
            if (delivery.IsStray)
            {
                continue;
            }
            if (delivery.FirstVersion > version)
            {
                return new MissingCommit(Hole(stream, version, delivery.FirstVersion - version), delivery.FirstVersion);
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
        Events = [.. Enumerable.Repeat(new StoredEvent("missing", 1, ReadOnlyMemory<byte>.Empty), checked((int)events))],
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
}
