using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;
using Serverless.FaultHarness.Load;

namespace Serverless.FaultHarness.Checks;

/// <summary>A commit as it lies in the database, read with none of the system's code.</summary>
internal sealed record StoredCommit(string Stream, string Id, string CommandId, string Time, IReadOnlyList<(string Type, JsonElement Data)> Events)
{
    public long FirstVersion => long.Parse(Id, NumberStyles.None, CultureInfo.InvariantCulture);

    public static StoredCommit Of(JsonElement item) => new(
        item.GetProperty("stream").GetString()!,
        item.GetProperty("id").GetString()!,
        item.GetProperty("commandId").GetString()!,
        item.GetProperty("time").GetString()!,
        [.. item.GetProperty("events").EnumerateArray().Select(e => (e.GetProperty("type").GetString()!, e.GetProperty("data").Clone()))]);

    /// <summary>In the form that the fold takes.</summary>
    public IEnumerable<JsonNode> EventNodes() => Events.Index().Select(e => (JsonNode)new JsonObject
    {
        ["version"] = FirstVersion + e.Index,
        ["type"] = e.Item.Type,
        ["commandId"] = CommandId,
        ["time"] = Time,
        ["data"] = JsonNode.Parse(e.Item.Data.GetRawText()),
    });
}

/// <summary>The database as it is, past the system.</summary>
internal sealed class RawStore(Uri address) : IDisposable
{
    private const string DatabaseName = "serverless";
    private const int MaxAttempts = 50;

    private readonly CosmosClient client = new(
        address.AbsoluteUri, new CosmosEmulatorOptions().Key, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });

    public Task<List<JsonElement>> ReadAsync(string container, CancellationToken cancellationToken) => ReadAsync(container, query: null, cancellationToken);

    /// <summary>Everything that a query gives; starts over when it meets one of the faults that the database was told to have.</summary>
    public async Task<List<JsonElement>> ReadAsync(string container, string? query, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(container, query, cancellationToken);
            }
            catch (Exception e) when (e is CosmosException or HttpRequestException && attempt < MaxAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    /// <summary>All commits but the poisonous ones; what else is in their container has no command.</summary>
    public async Task<List<StoredCommit>> ReadCommitsAsync(CancellationToken cancellationToken) =>
    [
        .. (await ReadAsync("events", "SELECT * FROM c WHERE IS_DEFINED(c.commandId)", cancellationToken))
            .Select(StoredCommit.Of).Where(commit => !Poison.Is(commit.Stream)),
    ];

    /// <summary>Past the system, as an item that it did not write; without a key when that is null.</summary>
    public async Task PutAsync(string container, JsonObject item, string? partitionKey, CancellationToken cancellationToken)
    {
        PartitionKey key = partitionKey is null ? PartitionKey.None : new PartitionKey(partitionKey);
        using MemoryStream json = new(JsonSerializer.SerializeToUtf8Bytes(item));
        using ResponseMessage response = await client.GetContainer(DatabaseName, container).UpsertItemStreamAsync(json, key, cancellationToken: cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => client.Dispose();

    private async Task<List<JsonElement>> ReadOnceAsync(string container, string? query, CancellationToken cancellationToken)
    {
        List<JsonElement> items = [];
        using FeedIterator pages = client.GetContainer(DatabaseName, container).GetItemQueryStreamIterator(
            query, requestOptions: new QueryRequestOptions { MaxItemCount = 1_000 });
        while (pages.HasMoreResults)
        {
            using ResponseMessage page = await pages.ReadNextAsync(cancellationToken);
            page.EnsureSuccessStatusCode();
            using JsonDocument document = await JsonDocument.ParseAsync(page.Content, cancellationToken: cancellationToken);
            items.AddRange(document.RootElement.GetProperty("Documents").EnumerateArray().Select(item => item.Clone()));
        }
        return items;
    }
}
