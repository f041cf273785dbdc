using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

/// <summary>Headers that are checked although they change nothing, and headers that come only when asked for.</summary>
public sealed class HeaderTests : IAsyncLifetime
{
    private TestAccount account = null!;
    private RawClient raw = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        container = await account.ContainerAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Theory]
    [InlineData("x-ms-version", "2015-01-01", 400)]
    [InlineData("x-ms-version", "yesterday", 400)]
    [InlineData("x-ms-version", "2018-12-31", 200)]
    [InlineData("x-ms-version", "2020-07-15", 200)]
    [InlineData("x-ms-version", "2030-01-31", 200)]
    [InlineData("x-ms-consistency-level", "Loose", 400)]
    [InlineData("x-ms-consistency-level", "Eventual", 200)]
    [InlineData("x-ms-consistency-level", "eventual", 200)]
    [InlineData("x-ms-max-item-count", "many", 400)]
    [InlineData("x-ms-max-item-count", "-2", 400)]
    [InlineData("x-ms-max-item-count", "9223372036854775807", 400)]
    [InlineData("x-ms-max-item-count", "-1", 200)]
    [InlineData("x-ms-max-item-count", "20", 200)]
    [InlineData("x-ms-documentdb-content-serialization-format", "Yaml", 400)]
    [InlineData("x-ms-documentdb-content-serialization-format", "JsonText", 200)]
    public async Task A_header_of_a_feed_is_checked(string name, string value, int status) =>
        Assert.Equal(status, (await raw.GetAsync("/dbs/db/colls/items/docs", (name, value))).Status);

    [Theory]
    [InlineData("x-ms-indexing-directive", "Sometimes", 400)]
    [InlineData("x-ms-indexing-directive", "Exclude", 201)]
    [InlineData("x-ms-documentdb-pre-trigger-include", "validate", 501)]
    [InlineData("x-ms-documentdb-post-trigger-include", "count", 501)]
    public async Task A_header_of_a_write_is_checked_before_anything_is_written(string name, string value, int status)
    {
        RawAnswer answer = await raw.PostAsync(
            "/dbs/db/colls/items/docs", """{"id":"1","pk":"a"}""", ("x-ms-documentdb-partitionkey", "[\"a\"]"), (name, value));
        Assert.Equal(status, answer.Status);
        RawAnswer read = await raw.GetAsync("/dbs/db/colls/items/docs/1", ("x-ms-documentdb-partitionkey", "[\"a\"]"));
        Assert.Equal(status == 201 ? 200 : 404, read.Status);
    }

    [Fact]
    public async Task A_container_names_its_database()
    {
        RawAnswer read = await raw.GetAsync("/dbs/db/colls/items");
        Assert.Equal("dbs/db", read.Header("x-ms-alt-content-path"));
        Assert.Equal((await raw.GetAsync("/dbs/db")).Json.GetProperty("_rid").GetString(), read.Header("x-ms-content-path"));
    }

    [Fact]
    public async Task The_progress_of_indexing_comes_only_to_those_who_ask()
    {
        Assert.Null((await raw.GetAsync("/dbs/db/colls/items")).Header("x-ms-documentdb-collection-index-transformation-progress"));
        RawAnswer asked = await raw.GetAsync("/dbs/db/colls/items", ("x-ms-documentdb-populatequotainfo", "True"));
        Assert.Equal("100", asked.Header("x-ms-documentdb-collection-index-transformation-progress"));
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("DELETE", true)]
    [InlineData("PUT", true)]
    public async Task A_write_that_finds_nothing_names_the_container_and_a_read_does_not(string method, bool names)
    {
        await container.CreateItemAsync(new Thing("1", "a"));
        RawAnswer answer = await raw.SendAsync(
            method, "/dbs/db/colls/items/docs/none", method == "PUT" ? """{"id":"none","pk":"a"}""" : null, ("x-ms-documentdb-partitionkey", "[\"a\"]"));
        Assert.Equal(404, answer.Status);
        Assert.Equal("0:-1#1", answer.Header("x-ms-session-token"));
        Assert.Equal(names, answer.Header("x-ms-content-path") is not null);
    }

    [Fact]
    public async Task Every_answer_has_an_activity_id_the_clients_own_if_it_gave_one()
    {
        Assert.Equal("mine", (await raw.GetAsync("/dbs/db", ("x-ms-activity-id", "mine"))).Header("x-ms-activity-id"));
        Assert.True(Guid.TryParse((await raw.GetAsync("/dbs/db")).Header("x-ms-activity-id"), out _));
        Assert.True(Guid.TryParse((await raw.GetAsync("/dbs/none")).Header("x-ms-activity-id"), out _));
    }

    [Fact]
    public async Task An_offer_keeps_its_resource_id()
    {
        RawAnswer offers = await raw.GetAsync("/offers");
        string offer = offers.Json.GetProperty("Offers")[0].GetRawText();
        string path = $"/offers/{offers.Json.GetProperty("Offers")[0].GetProperty("_rid").GetString()}";
        Assert.Equal(200, (await raw.SendAsync("PUT", path, offer)).Status);
        Assert.Equal(400, (await raw.SendAsync("PUT", path, offer.Replace("\"_rid\":\"", "\"_rid\":\"x", StringComparison.Ordinal))).Status);
        Assert.Equal(400, (await raw.SendAsync("PUT", path, """{"content":{"offerThroughput":500}}""")).Status);
    }

    [Theory]
    [InlineData("2018-09-17", 1)]
    [InlineData("2020-07-15", 0)]
    public async Task The_kinds_of_indexes_go_when_a_newer_client_replaces_the_policy(string version, int kinds)
    {
        const string body = """
            {"id":"old","partitionKey":{"paths":["/pk"]},"indexingPolicy":{"includedPaths":[{"path":"/*","indexes":[{"kind":"Range","dataType":"String"}]}]}}
            """;
        (string, string) header = ("x-ms-version", version);
        static int Kinds(RawAnswer answer) =>
            answer.Json.GetProperty("indexingPolicy").GetProperty("includedPaths")[0].TryGetProperty("indexes", out var found) ? found.GetArrayLength() : 0;
        Assert.Equal(1, Kinds(await raw.PostAsync("/dbs/db/colls", body, header)));
        Assert.Equal(kinds, Kinds(await raw.SendAsync("PUT", "/dbs/db/colls/old", body, header)));
    }
}
