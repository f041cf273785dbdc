using System.Globalization;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Serverless.EventSourcing.Testing;

/// <summary>Commits and comparisons for the contract suites. Names are new on every call, so suites can share a store.</summary>
internal static class ContractData
{
    /// <summary>A sub-millisecond part, because a store that rounds instants loses the order of commits.</summary>
    public static DateTimeOffset Noon { get; } = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static StreamName NewStream() => StreamName.Create("contract", Guid.NewGuid().ToString("N"));

    public static string NewId() => Guid.NewGuid().ToString("N");

    public static ReadOnlyMemory<byte> Utf8(string json) => Encoding.UTF8.GetBytes(json);

    public static Commit CommitAfter(StreamHead head, int events = 1, string? commandId = null) => new()
    {
        Stream = head.Stream,
        FirstVersion = head.Version + 1,
        Events = [.. Enumerable.Range(0, events).Select(i => Event(head.Version + 1 + i))],
        Metadata = Metadata(commandId ?? NewId()),
    };

    /// <summary>Commits one after the other, each with its number of events.</summary>
    public static Commit[] Following(StreamHead head, params int[] events)
    {
        Commit[] commits = new Commit[events.Length];
        for (int i = 0; i < events.Length; i++)
        {
            commits[i] = CommitAfter(i == 0 ? head : StreamHead.SeenByStore(commits[i - 1]), events[i]);
        }
        return commits;
    }

    public static CommitMetadata Metadata(string commandId) => new()
    {
        CommandId = commandId,
        CommandType = "test",
        CommandData = Utf8("""{"amount":1}"""),
        PolicyVersion = "1",
        Actor = "contract",
        CorrelationId = commandId,
        Timestamp = Noon,
    };

    public static StoredEvent Event(long number) =>
        new("contract.tested", 1, Utf8(string.Create(CultureInfo.InvariantCulture, $$"""{"number":{{number}}}""")));

    public static StoredSnapshot Snapshot(long version, int schema) =>
        new(version, schema, Utf8(string.Create(CultureInfo.InvariantCulture, $$"""{"sum":{{version}}}""")));

    /// <summary>JSON whose only content is a text of this many characters.</summary>
    public static ReadOnlyMemory<byte> Text(int length) => Utf8($$"""{"text":"{{new string('x', length)}}"}""");

    public static async Task<Commit> AppendAsync(this IEventStore store, Commit commit, StoredSnapshot? snapshot = null)
    {
        StreamHead head = await store.FindHeadAsync(commit.Stream, commit.FirstVersion - 1, Token);
        return Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, commit, snapshot, Token)).Commit;
    }

    /// <summary>Appends commits of one event each, one after the other.</summary>
    public static async Task<List<Commit>> AppendManyAsync(this IEventStore store, StreamName stream, int count, Func<long, StoredSnapshot?>? snapshot = null)
    {
        List<Commit> commits = [];
        for (long version = 1; version <= count; version++)
        {
            commits.Add(await store.AppendAsync(CommitAfter(StreamHead.SeenByStore(stream, version - 1)), snapshot?.Invoke(version)));
        }
        return commits;
    }

    public static async Task<List<Commit>> ReadAllAsync(this IEventStore store, StreamName stream, long from = 1)
    {
        List<Commit> commits = [];
        await foreach (Commit commit in store.ReadAsync(stream, from, Token))
        {
            commits.Add(commit);
        }
        return commits;
    }

    /// <summary>Payloads are compared as JSON: a store may write them with other white space or escapes.</summary>
    public static void AssertSame(IReadOnlyList<Commit> expected, IReadOnlyList<Commit> actual)
    {
        Assert.Equal(expected.Select(c => c.FirstVersion), actual.Select(c => c.FirstVersion));
        for (int i = 0; i < expected.Count; i++)
        {
            AssertSame(expected[i], actual[i]);
        }
    }

    public static void AssertSame(Commit expected, Commit? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Stream, actual.Stream);
        Assert.Equal(expected.FirstVersion, actual.FirstVersion);
        // A record compares memory by reference, so the payload is taken out and compared by itself.
        Assert.Equal(expected.Metadata with { CommandData = default }, actual.Metadata with { CommandData = default });
        AssertSameJson(expected.Metadata.CommandData, actual.Metadata.CommandData);
        Assert.Equal(expected.Events.Select(e => (e.Type, e.SchemaVersion)), actual.Events.Select(e => (e.Type, e.SchemaVersion)));
        for (int i = 0; i < expected.Events.Count; i++)
        {
            AssertSameJson(expected.Events[i].Data, actual.Events[i].Data);
        }
    }

    public static void AssertSame(StoredSnapshot? expected, StoredSnapshot? actual)
    {
        Assert.Equal(expected?.Version, actual?.Version);
        Assert.Equal(expected?.SchemaVersion, actual?.SchemaVersion);
        AssertSameJson(expected?.Data ?? default, actual?.Data ?? default);
    }

    public static void AssertSameJson(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual)
    {
        if (expected.IsEmpty || actual.IsEmpty)
        {
            Assert.Equal(expected.Length, actual.Length);
            return;
        }
        using JsonDocument expectedJson = JsonDocument.Parse(expected);
        using JsonDocument actualJson = JsonDocument.Parse(actual);
        Assert.True(
            JsonElement.DeepEquals(expectedJson.RootElement, actualJson.RootElement),
            $"Expected {expectedJson.RootElement.GetRawText()} but was {actualJson.RootElement.GetRawText()}");
    }
}
