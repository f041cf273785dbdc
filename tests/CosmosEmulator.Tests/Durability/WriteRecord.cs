using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>What clients were told, and the comparison of it with what is there.</summary>
internal sealed class WriteRecord : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, string> existing = []; // Id to tag.
    private readonly ConcurrentDictionary<string, bool> gone = [];
    private readonly ConcurrentDictionary<string, (int Known, int Tried)> counters = [];
    private readonly ConcurrentDictionary<string, (int Size, bool Known)> batches = [];
    private readonly ConcurrentDictionary<string, bool?> containers = []; // Null: somewhere between.
    private readonly ConcurrentDictionary<string, bool> seen = [];
    private readonly ConcurrentDictionary<string, string> versions = []; // Range and LSN to tag: no LSN is given twice.
    private readonly ConcurrentDictionary<string, long> highest = [];
    private readonly ConcurrentQueue<string> findings = [];
    private readonly SemaphoreSlim progress = new(0);
    private int acknowledged;

    public int Acknowledged => Volatile.Read(ref acknowledged);

    public int Batches => batches.Values.Count(batch => batch.Known);

    public int Seen => seen.Count;

    public async Task WaitForAsync(int goal)
    {
        while (Acknowledged < goal)
        {
            Assert.Empty(findings);
            Assert.True(await progress.WaitAsync(Patience), "The emulator doesn't answer any more.");
        }
    }

    public void Dispose() => progress.Dispose();

    public void Finding(string text) => findings.Enqueue(text);

    public void Exists(string id, ItemResponse<Thing> response)
    {
        existing[id] = response.ETag;
        Acknowledge(response.Headers.Session, response.ETag, response.Headers["x-ms-item-lsn"]);
    }

    public void Unknown(string id)
    {
        existing.TryRemove(id, out _);
        seen.TryAdd(id, false); // Whoever sees it now may miss it later.
        seen[id] = false;
    }

    public void Gone(string id, ItemResponse<Thing> response)
    {
        gone[id] = true;
        Acknowledge(response.Headers.Session, null, null);
    }

    public void Counting(string id, int n) => counters.AddOrUpdate(id, (-1, n), (_, state) => (state.Known, n));

    public void Counted(string id, int n, ItemResponse<Thing> response)
    {
        counters[id] = (n, n);
        Acknowledge(response.Headers.Session, response.ETag, response.Headers["x-ms-item-lsn"]);
    }

    public void BatchBegins(string id, int size) => batches[id] = (size, false);

    public void BatchExists(string id, string session)
    {
        batches[id] = (batches[id].Size, true);
        Acknowledge(session, null, null);
    }

    public void Resource(string name, bool? exists) => containers[name] = exists;

    /// <summary>A reader next to the writers: what it was shown must be there ever after, acknowledged or not.</summary>
    public async Task WatchAsync(Container container, Life life)
    {
        try
        {
            while (true)
            {
                using FeedIterator<Thing> changes = container.GetChangeFeedIterator<Thing>(
                    ChangeFeedStartFrom.Now(), ChangeFeedMode.LatestVersion);
                for (int page = 0; page < 50; page++)
                {
                    FeedResponse<Thing> found = await changes.ReadNextAsync(life.Ended);
                    foreach (Thing item in found.StatusCode == HttpStatusCode.OK ? found.ToArray() : [])
                    {
                        seen.TryAdd(item.id, true);
                    }
                }
            }
        }
        catch (Exception exception) when (life.IsOver(exception))
        {
        }
    }

    public async Task VerifyAsync(Database database, Container container)
    {
        Assert.Empty(findings);
        Dictionary<string, JsonObject> items = await ReadAllAsync(container);
        Assert.DoesNotContain(existing, pair => !items.TryGetValue(pair.Key, out JsonObject? item) || (string)item["_etag"]! != pair.Value);
        Assert.DoesNotContain(gone.Keys, items.ContainsKey);
        Assert.DoesNotContain(seen, pair => pair.Value && !gone.ContainsKey(pair.Key) && !items.ContainsKey(pair.Key));
        foreach ((string id, (int known, int tried)) in counters)
        {
            int there = items.TryGetValue(id, out JsonObject? item) ? (int)item["n"]! : -1;
            Assert.True(there >= known && there <= tried, $"{id} is {there}, was told {known}, tried {tried}.");
        }

        ILookup<string, JsonObject> byKey = items.Values.Where(item => (string?)item["text"] == "batch").ToLookup(item => (string)item["pk"]!);
        foreach ((string id, (int size, bool known)) in batches)
        {
            int there = byKey[id].Count();
            Assert.True(there == size || (there == 0 && !known), $"Of batch {id} there are {there} of {size} items, acknowledged: {known}.");
        }

        await VerifyCountersAsync(container);
        await VerifyContainersAsync(database);
    }

    /// <summary>Every partition has come at least as far as it ever said; the ids of ranges change with a split, their LSNs go on.</summary>
    private async Task VerifyCountersAsync(Container container)
    {
        foreach (FeedRange range in await container.GetFeedRangesAsync())
        {
            using FeedIterator items = container.GetItemQueryStreamIterator(
                range, new QueryDefinition("SELECT c.id FROM c"), null, new QueryRequestOptions { MaxItemCount = 1 });
            using ResponseMessage page = await items.ReadNextAsync();
            (string id, long lsn) = Parse(page.Headers.Session);
            Assert.True(lsn >= highest.GetValueOrDefault(id), $"Range {id} is at {lsn}, was at {highest.GetValueOrDefault(id)}.");
            highest.AddOrUpdate(id, lsn, (_, before) => Math.Max(before, lsn));
        }
    }

    private async Task VerifyContainersAsync(Database database)
    {
        HashSet<string> there = [];
        using FeedIterator<ContainerProperties> all = database.GetContainerQueryIterator<ContainerProperties>();
        while (all.HasMoreResults)
        {
            there.UnionWith((await all.ReadNextAsync()).Select(properties => properties.Id));
        }

        Assert.DoesNotContain(containers, pair => pair.Value is { } exists && exists != there.Contains(pair.Key));
        foreach (string name in containers.Keys)
        {
            containers[name] = there.Contains(name);
        }
    }

    private void Acknowledge(string session, string? etag, string? lsn)
    {
        (string range, long reached) = Parse(session);
        highest.AddOrUpdate(range, reached, (_, before) => Math.Max(before, reached));
        if (etag is not null && versions.GetOrAdd($"{range}#{lsn}", etag) is var known && known != etag)
        {
            Finding($"LSN {lsn} of range {range} is both {known} and {etag}.");
        }

        Interlocked.Increment(ref acknowledged);
        progress.Release();
    }

    private static (string Range, long Lsn) Parse(string session)
    {
        string[] parts = session.Split(':', '#');
        return (parts[0], long.Parse(parts[^1]));
    }

    private static async Task<Dictionary<string, JsonObject>> ReadAllAsync(Container container)
    {
        Dictionary<string, JsonObject> items = [];
        using FeedIterator all = container.GetItemQueryStreamIterator();
        while (all.HasMoreResults)
        {
            using ResponseMessage page = await all.ReadNextAsync();
            page.EnsureSuccessStatusCode();
            JsonNode? body = await JsonNode.ParseAsync(page.Content);
            foreach (JsonNode? item in (JsonArray)body!["Documents"]!)
            {
                Assert.True(items.TryAdd((string)item!["id"]!, (JsonObject)item), $"{item!["id"]} is there twice.");
            }
        }

        return items;
    }
}
