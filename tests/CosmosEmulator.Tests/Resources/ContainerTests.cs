using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Resources;

public sealed class ContainerTests : IAsyncLifetime
{
    private TestAccount account = null!;
    private RawClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Fact]
    public async Task A_database_is_created_once_read_listed_and_deleted()
    {
        Assert.Equal(HttpStatusCode.Created, (await account.Client.CreateDatabaseAsync("other")).StatusCode);
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => account.Client.CreateDatabaseAsync("other"));
        Assert.Equal(HttpStatusCode.OK, (await account.Client.CreateDatabaseIfNotExistsAsync("other")).StatusCode);
        List<DatabaseProperties> all = await account.Client.GetDatabaseQueryIterator<DatabaseProperties>().AllAsync();
        Assert.Equal(["db", "other"], all.Select(database => database.Id));
        Assert.Equal("other", Assert.Single(await account.Client.GetDatabaseQueryIterator<DatabaseProperties>(
            "SELECT * FROM c WHERE c.id = 'other'").AllAsync()).Id);
        Assert.Equal(HttpStatusCode.NoContent, (await account.Client.GetDatabase("other").DeleteAsync()).StatusCode);
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => account.Client.GetDatabase("other").ReadAsync());
    }

    [Fact]
    public async Task A_container_is_created_once_read_listed_and_deleted()
    {
        Assert.Equal(HttpStatusCode.Created, (await account.Database.CreateContainerAsync("c", "/pk")).StatusCode);
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => account.Database.CreateContainerAsync("c", "/pk"));
        Assert.Equal(HttpStatusCode.OK, (await account.Database.CreateContainerIfNotExistsAsync("c", "/pk")).StatusCode);
        await account.ContainerAsync("/pk", "a");
        List<IReadOnlyList<ContainerProperties>> pages = await account.Database.GetContainerQueryIterator<ContainerProperties>(
            requestOptions: new QueryRequestOptions { MaxItemCount = 1 }).PagesAsync();
        Assert.Equal(["a", "c"], pages.Select(page => Assert.Single(page).Id));
        Assert.Equal(HttpStatusCode.NoContent, (await account.Database.GetContainer("c").DeleteContainerAsync()).StatusCode);
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => account.Database.GetContainer("c").ReadContainerAsync());
    }

    [Fact]
    public async Task What_the_client_leaves_out_the_service_fills_in()
    {
        ContainerProperties properties = (await account.Database.CreateContainerAsync("c", "/pk")).Resource;
        Assert.Equal(PartitionKeyDefinitionVersion.V2, properties.PartitionKeyDefinitionVersion);
        Assert.Equal("/*", Assert.Single(properties.IndexingPolicy.IncludedPaths).Path);
        Assert.Equal("/\"_etag\"/?", Assert.Single(properties.IndexingPolicy.ExcludedPaths).Path);
        Assert.Equal(IndexingMode.Consistent, properties.IndexingPolicy.IndexingMode);
        Assert.Equal(ConflictResolutionMode.LastWriterWins, properties.ConflictResolutionPolicy.Mode);
        Assert.NotNull(properties.SelfLink);
    }

    [Fact]
    public async Task A_policy_comes_back_as_it_was_given()
    {
        var given = new ContainerProperties("c", "/pk")
        {
            DefaultTimeToLive = 77,
            IndexingPolicy = new IndexingPolicy
            {
                IncludedPaths = { new IncludedPath { Path = "/stream/?" } },
                ExcludedPaths = { new ExcludedPath { Path = "/*" } },
                CompositeIndexes = { new() { new CompositePath { Path = "/a" }, new CompositePath { Path = "/b", Order = CompositePathSortOrder.Descending } } },
            },
            UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/commandId" } } } },
        };
        ContainerProperties read = (await (await account.ContainerAsync(given)).ReadContainerAsync()).Resource;
        Assert.Equal(77, read.DefaultTimeToLive);
        Assert.Equal(["/stream/?"], read.IndexingPolicy.IncludedPaths.Select(path => path.Path));
        Assert.Contains("/*", read.IndexingPolicy.ExcludedPaths.Select(path => path.Path));
        Assert.Equal(["/a", "/b"], Assert.Single(read.IndexingPolicy.CompositeIndexes).Select(path => path.Path));
        Assert.Equal(["/commandId"], Assert.Single(read.UniqueKeyPolicy.UniqueKeys).Paths);
    }

    [Theory]
    [InlineData("""{"id":"c"}""", "partition key")]
    [InlineData("""{"id":"c","partitionKey":{"paths":[]}}""", "partition key")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["pk"]}}""", "path")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/a","/b"]}}""", "too many paths")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/a","/b","/c","/d"],"kind":"MultiHash"}}""", "too many paths")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/a"],"kind":"Range"}}""", "Range")]
    [InlineData("""{"partitionKey":{"paths":["/pk"]}}""", "id")]
    [InlineData("""{"id":"","partitionKey":{"paths":["/pk"]}}""", "id")]
    [InlineData("""{"id":"a/b","partitionKey":{"paths":["/pk"]}}""", "invalid characters")]
    [InlineData("""{"id":"a#b","partitionKey":{"paths":["/pk"]}}""", "invalid characters")]
    [InlineData("""{"id":"a ","partitionKey":{"paths":["/pk"]}}""", "invalid characters")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"defaultTtl":0}""", "time to live")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"defaultTtl":"x"}""", "time to live")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":[]}]}}""", "unique key")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["x"]}]}}""", "path")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"indexingPolicy":{"indexingMode":"wild"}}""", "indexing mode")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"indexingPolicy":{"includedPaths":[{"path":"/a"}]}}""", "indexing path")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"indexingPolicy":{"spatialIndexes":[{"path":"/a/*"}]}}""", "spatial type")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"fullTextPolicy":{"defaultLanguage":"xx-YY"}}""", "unsupported language xx-YY. Supported languages are: \"en-US\"")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"fullTextPolicy":{"fullTextPaths":[{"path":"/t","language":"spa-SPA"}]}}""", "unsupported language spa-SPA")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"computedProperties":[{}]}""", "computedProperties")]
    [InlineData("""{"id":"c","partitionKey":{"paths":["/pk"]},"analyticalStorageTtl":-1}""", "analyticalStorageTtl")]
    [InlineData("not json", "container")]
    [InlineData("[]", "container")]
    public async Task A_definition_that_makes_no_sense_is_refused(string body, string reason)
    {
        RawAnswer answer = await raw.PostAsync("/dbs/db/colls", body);
        Assert.Contains(answer.Status, new[] { 400, 501 });
        Assert.Contains(reason, answer.Json.GetProperty("message").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_replace_changes_policies_but_neither_keys_nor_id()
    {
        Container container = await account.ContainerAsync();
        ContainerProperties properties = (await container.ReadContainerAsync()).Resource;
        properties.DefaultTimeToLive = 5;
        properties.IndexingPolicy.IndexingMode = IndexingMode.None;
        properties.IndexingPolicy.Automatic = false;
        properties.IndexingPolicy.IncludedPaths.Clear();
        properties.IndexingPolicy.ExcludedPaths.Clear();
        ContainerProperties replaced = (await container.ReplaceContainerAsync(properties)).Resource;
        Assert.Equal((5, IndexingMode.None), (replaced.DefaultTimeToLive, replaced.IndexingPolicy.IndexingMode));
        Assert.NotEqual(properties.ETag, replaced.ETag);
        properties.PartitionKeyPath = "/other";
        await Feeds.FailsAsync(HttpStatusCode.BadRequest, () => container.ReplaceContainerAsync(properties));
        await Feeds.FailsAsync(HttpStatusCode.PreconditionFailed, () => container.ReplaceContainerAsync(
            replaced, new ContainerRequestOptions { IfMatchEtag = properties.ETag }));
    }

    [Fact]
    public async Task A_container_that_is_created_anew_has_another_resource_id_and_no_items()
    {
        Container container = await account.ContainerAsync();
        string before = (await container.ReadContainerAsync()).Resource.SelfLink;
        await container.CreateItemAsync(new Thing("1", "a"));
        await container.DeleteContainerAsync();
        await account.ContainerAsync();
        Assert.NotEqual(before, (await container.ReadContainerAsync()).Resource.SelfLink);
        Container asOthersSeeIt = account.NewClient().GetContainer("db", "items");
        Assert.Empty(await asOthersSeeIt.GetItemQueryIterator<Thing>((string?)null).AllAsync());
        Assert.Equal(404, (await raw.GetAsync("/" + before.TrimEnd('/') + "/pkranges")).Status);
    }

    [Fact]
    public async Task Resources_are_addressed_by_resource_id_too()
    {
        Container container = await account.ContainerAsync();
        string self = (await container.ReadContainerAsync()).Resource.SelfLink.TrimEnd('/');
        RawAnswer ranges = await raw.GetAsync($"/{self}/pkranges");
        Assert.Equal(200, ranges.Status);
        Assert.Equal("FF", ranges.Json.GetProperty("PartitionKeyRanges")[0].GetProperty("maxExclusive").GetString());
        RawAnswer byName = await raw.GetAsync("/dbs/db/colls/items");
        Assert.Equal(byName.Body, (await raw.GetAsync($"/{self}")).Body);
    }

    [Theory]
    [InlineData(400, 1)]
    [InlineData(6000, 1)]
    [InlineData(6100, 2)]
    [InlineData(30000, 5)]
    public async Task More_throughput_means_more_physical_partitions(int throughput, int partitions)
    {
        Container container = await account.Database.CreateContainerAsync("c", "/pk", throughput);
        Assert.Equal(partitions, (await container.GetFeedRangesAsync()).Count);
    }
}
