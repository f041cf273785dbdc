namespace Serverless.EventSourcing.Cosmos.Tests;

internal static class TestCommits
{
    /// <summary>A commit of events that count one, by a new command.</summary>
    public static Commit At(StreamName stream, long version, int events = 1) => new()
    {
        Stream = stream,
        FirstVersion = version,
        Events = [.. Enumerable.Repeat(new StoredEvent("counter.counted", 1, """{"by":1}"""u8.ToArray()), events)],
        Metadata = new CommitMetadata
        {
            CommandId = Guid.NewGuid().ToString("N"),
            CommandType = "count",
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = "test",
            Timestamp = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
        },
    };
}
