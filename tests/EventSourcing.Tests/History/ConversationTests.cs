namespace Serverless.EventSourcing.Tests;

public sealed class ConversationTests
{
    [Fact]
    public void Each_command_stands_below_the_one_whose_event_or_id_caused_it()
    {
        Commit[] commits =
        [
            At(3, "purse-3", 1, "credit", cause: "purse-2/1.1"),
            At(0, "purse-1", 5, "request", cause: null, events: 2),
            At(1, "purse-2", 1, "debit", cause: "purse-1/6"),
            At(2, "purse-1", 7, "confirm", cause: "debit"),
            At(4, "purse-9", 1, "stray", cause: "somewhere-else/1"),
            At(5, "purse-8", 1, "self", cause: "purse-8/1"),
        ];

        Assert.Equal(
            ["request", "- debit", "-- confirm", "-- credit", "stray", "self"],
            CausedCommit.Trees(commits).SelectMany(c => Told(c, "")));
    }

    private static IEnumerable<string> Told(CausedCommit caused, string indent) =>
        caused.Caused.SelectMany(c => Told(c, indent + "-")).Prepend($"{indent} {caused.Commit.Metadata.CommandId}".Trim());

    private static Commit At(int minute, string stream, long version, string command, string? cause, int events = 1) => new()
    {
        Stream = StreamName.Parse(stream),
        FirstVersion = version,
        Events = [.. Enumerable.Repeat(new StoredEvent("purse.added", 1, "{}"u8.ToArray()), events)],
        Metadata = new CommitMetadata
        {
            CommandId = command,
            CommandType = command,
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = "c",
            CausationId = cause,
            Timestamp = new DateTimeOffset(2026, 11, 23, 9, minute, 0, TimeSpan.Zero),
        },
    };
}
