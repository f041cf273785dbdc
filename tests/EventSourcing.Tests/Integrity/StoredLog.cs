using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Tests;

/// <summary>A log whose stored items anybody can change, take out or move, as in a database.</summary>
internal sealed class StoredLog : ICommitLog
{
    public List<JsonObject> Items { get; } = [];

    /// <summary>How often a commit before another was looked up.</summary>
    public int Lookups { get; private set; }

    public static async Task<StoredLog> OfAsync(ICommitLog log, CancellationToken cancellationToken)
    {
        StoredLog copy = new();
        await foreach (JsonElement item in log.ReadAllItemsAsync(cancellationToken))
        {
            copy.Items.Add(JsonObject.Create(item.Clone())!);
        }
        return copy;
    }

    public JsonObject Item(string stream, long version) => Items.Single(i => (string)i["stream"]! == stream && (string)i["id"]! == Commit.IdOf(version));

    public Task<NewestPage<Delivery>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Commit>> ReadByCommandAsync(string commandId, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<JsonElement> ReadItemsAsync(StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (JsonObject item in Items.Where(i => (string)i["stream"]! == stream.Value).OrderBy(i => (string)i["id"]!, StringComparer.Ordinal))
        {
            yield return Element(item);
        }
    }

    public IAsyncEnumerable<JsonElement> ReadItemsByIdAsync(string id, CancellationToken cancellationToken) =>
        Items.Where(i => (string)i["id"]! == id).Select(Element).ToAsyncEnumerable();

    public async IAsyncEnumerable<JsonElement> ReadAllItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (JsonObject item in Items)
        {
            yield return Element(item);
        }
    }

    public Task<CommitLogPage> ReadPageAsync(StreamName? stream, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        int start = int.Parse(continuation ?? "0");
        int end = Math.Min(start + pageSize, Items.Count);
        return Task.FromResult(new CommitLogPage([.. Items[start..end].Select(Element)], end == Items.Count ? null : $"{end}"));
    }

    public Task<CommitLink?> FindLinkBeforeAsync(StreamName stream, long version, CancellationToken cancellationToken)
    {
        Lookups++;
        JsonObject? before = Items
            .Where(i => (string)i["stream"]! == stream.Value && string.CompareOrdinal((string)i["id"]!, Commit.IdOf(version)) < 0)
            .MaxBy(i => (string)i["id"]!, StringComparer.Ordinal);
        return Task.FromResult(before is null
            ? null
            : new CommitLink(long.Parse((string)before["id"]!) + before["events"]!.AsArray().Count - 1, (string?)before["hash"]));
    }

    public Task<long?> EstimateCountAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(Items.Count);

    public IAsyncEnumerable<StreamName> ReadStreamsAsync(string category, StreamName? after, CancellationToken cancellationToken) =>
        Items.Select(i => (string)i["stream"]!).Distinct().Order(StringComparer.Ordinal)
            .Where(s => after is null || string.CompareOrdinal(s, after.Value) > 0)
            .Select(StreamName.Parse).Where(s => s.Category == category).ToAsyncEnumerable();

    public Task<IReadOnlyList<Commit>> ReadConversationAsync(string correlationId, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Commit>>(
            [.. Items.Where(i => (string?)i["correlationId"] == correlationId).Take(limit).Select(i => CommitJson.Read(Element(i)))]);

    private static JsonElement Element(JsonObject item) => JsonElement.Parse(item.ToJsonString());
}
