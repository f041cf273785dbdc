using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

/// <summary>Requests in the shapes of SDKs that can't run here, over HTTP with signatures: Python, Java, Go.</summary>
public sealed class OtherClientTests : IAsyncLifetime
{
    private static readonly (string, string) PartitionA = ("x-ms-documentdb-partitionkey", "[\"a\"]");

    private readonly HttpClient http = new();

    private TestAccount account = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions: 3, overHttp: true);
        await account.ContainerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await account.DisposeAsync();
    }

    /// <summary>The Python client ends every path with a slash.</summary>
    [Fact]
    public async Task Paths_may_end_with_a_slash()
    {
        Assert.Equal(200, (await SendAsync("GET", "/")).Status);
        Assert.Equal(201, (await SendAsync("POST", "/dbs/", """{"id":"py"}""")).Status);
        Assert.Equal(201, (await SendAsync("POST", "/dbs/py/colls/", """{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}""")).Status);
        Assert.Equal(200, (await SendAsync("GET", "/dbs/py/colls/c/")).Status);
        Assert.Equal(200, (await SendAsync("GET", "/dbs/py/colls/c/pkranges/")).Status);
        Assert.Equal(201, (await SendAsync("POST", "/dbs/py/colls/c/docs/", """{"id":"1 é","pk":"a"}""", PartitionA)).Status);
        Assert.Equal(200, (await SendAsync("GET", "/dbs/py/colls/c/docs/1%20%C3%A9/", null, PartitionA)).Status);
        Assert.Equal(200, (await SendAsync("PUT", "/dbs/py/colls/c/docs/1%20%C3%A9/", """{"id":"1 é","pk":"a","n":2}""", PartitionA)).Status);
        Answer patched = await SendAsync(
            "PATCH", "/dbs/py/colls/c/docs/1%20%C3%A9/", """{"operations":[{"op":"incr","path":"/n","value":1}]}""", PartitionA,
            ("Content-Type", "application/json"));
        Assert.Equal(3, patched.Json.GetProperty("n").GetInt32());
        Assert.Single((await SendAsync("GET", "/dbs/py/colls/c/docs/")).Json.GetProperty("Documents").EnumerateArray());
        Assert.Equal(204, (await SendAsync("DELETE", "/dbs/py/colls/c/docs/1%20%C3%A9/", null, PartitionA)).Status);
        Assert.Equal(204, (await SendAsync("DELETE", "/dbs/py/")).Status);
    }

    /// <summary>Python and Go send a query over all partitions to the gateway as it is, and only ask for a plan when it is refused.</summary>
    [Theory]
    [InlineData("x-ms-documentdb-isquery", "true", "application/query+json")]
    [InlineData("x-ms-documentdb-query", "True", "application/query+json")]
    [InlineData("x-ms-documentdb-query", "True", "application/query+json;charset=utf-8")]
    public async Task A_query_over_all_partitions_is_answered_without_a_plan(string header, string value, string type)
    {
        await FillAsync();
        Answer answer = await SendAsync(
            "POST",
            "/dbs/db/colls/items/docs",
            """{"query":"SELECT VALUE c.n FROM c WHERE c.n >= @n ORDER BY c.n DESC","parameters":[{"name":"@n","value":25}]}""",
            (header, value),
            ("Content-Type", type),
            ("x-ms-documentdb-query-enablecrosspartition", "True"));
        Assert.Equal(200, answer.Status);
        Assert.Equal("29,28,27,26,25", string.Join(',', answer.Json.GetProperty("Documents").EnumerateArray()));
        Assert.Equal("5", answer.Header("x-ms-item-count"));
    }

    [Theory]
    [InlineData("1.0", "Aggregate, CompositeAggregate, Distinct, GroupBy, MultipleAggregates, MultipleOrderBy, OffsetAndLimit, OrderBy, Top, NonStreamingOrderBy")]
    [InlineData("1.4", "NonValueAggregate, Aggregate, Distinct, MultipleOrderBy, OffsetAndLimit, OrderBy, Top, CompositeAggregate, GroupBy, MultipleAggregates, CountIf")]
    [InlineData("1.0", "None")]
    public async Task A_plan_is_given_whatever_features_a_client_names(string version, string features)
    {
        Answer plan = await SendAsync(
            "POST",
            "/dbs/db/colls/items/docs",
            """{"query":"SELECT c.pk, COUNT(1) AS k FROM c GROUP BY c.pk"}""",
            ("x-ms-cosmos-is-query-plan-request", "True"),
            ("x-ms-cosmos-query-version", version),
            ("x-ms-cosmos-supported-query-features", features),
            ("Content-Type", "application/query+json"));
        Assert.Equal(200, plan.Status);
        Assert.Equal("c.pk", plan.Json.GetProperty("queryInfo").GetProperty("groupByExpressions")[0].GetString());
    }

    /// <summary>Java and Python page an ORDER BY over partitions by conditions in the rewritten text, not by a resume filter.</summary>
    [Fact]
    public async Task An_order_by_goes_on_by_a_condition_in_its_text()
    {
        await FillAsync();
        List<int> values = [];
        foreach (JsonElement range in (await SendAsync("GET", "/dbs/db/colls/items/pkranges")).Json.GetProperty("PartitionKeyRanges").EnumerateArray())
        {
            Answer answer = await SendAsync(
                "POST",
                "/dbs/db/colls/items/docs",
                """
                {"query":"SELECT c._rid, [{\"item\": c.n}] AS orderByItems, c AS payload\nFROM c\nWHERE ((c.n > 20) OR IS_STRING(c.n) OR IS_ARRAY(c.n))\nORDER BY c.n ASC"}
                """,
                ("x-ms-documentdb-isquery", "true"),
                ("Content-Type", "application/query+json"),
                ("x-ms-documentdb-partitionkeyrangeid", range.GetProperty("id").GetString()!),
                ("x-ms-read-key-type", "EffectivePartitionKeyRange"),
                ("x-ms-start-epk", range.GetProperty("minInclusive").GetString()!),
                ("x-ms-end-epk", range.GetProperty("maxExclusive").GetString()!));
            Assert.Equal(200, answer.Status);
            values.AddRange(answer.Json.GetProperty("Documents").EnumerateArray().Select(row => row.GetProperty("orderByItems")[0].GetProperty("item").GetInt32()));
        }

        Assert.Equal(Enumerable.Range(21, 9), values.Order());
    }

    [Theory]
    [InlineData("Incremental feed")]
    [InlineData("Incremental Feed")]
    [InlineData(null)]
    public async Task Ranges_are_read_until_nothing_has_changed(string? feed)
    {
        (string, string)[] headers = feed is null ? [] : [("A-IM", feed)];
        Answer ranges = await SendAsync("GET", "/dbs/db/colls/items/pkranges", null, headers);
        Assert.Equal(3, ranges.Json.GetProperty("_count").GetInt32());
        Assert.Null(ranges.Header("x-ms-continuation"));
        Answer again = await SendAsync("GET", "/dbs/db/colls/items/pkranges", null, [.. headers, ("If-None-Match", ranges.Header("ETag")!)]);
        Assert.Equal(304, again.Status);
    }

    /// <summary>As Go and Java write it: capital letters differ, a body with blanks, a version of their own.</summary>
    [Fact]
    public async Task A_batch_is_a_json_array()
    {
        Answer batch = await SendAsync(
            "POST",
            "/dbs/db/colls/items/docs",
            """ [{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}}, {"operationType":"Read","id":"1"}, {"operationType":"Patch","id":"1","resourceBody":{"operations":[{"op":"set","path":"/n","value":5}]}}] """,
            PartitionA,
            ("x-ms-version", "2020-11-05"),
            ("x-ms-cosmos-is-batch-request", "True"),
            ("x-ms-cosmos-batch-atomic", "True"),
            ("x-ms-cosmos-batch-ordered", "True"),
            ("x-ms-cosmos-batch-continue-on-error", "False"),
            ("Accept", "application/json"),
            ("Accept-Encoding", "gzip, deflate"));
        Assert.Equal(200, batch.Status);
        Assert.Equal("201,200,200", string.Join(',', batch.Json.EnumerateArray().Select(result => result.GetProperty("statusCode").GetInt32())));
    }

    private async Task FillAsync()
    {
        Container container = account.Client.GetContainer("db", "items");
        for (int i = 0; i < 30; i++)
        {
            await container.CreateItemAsync(new Thing($"{i}", $"p{i % 9}", i));
        }
    }

    private async Task<Answer> SendAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        var uri = new Uri(account.Cosmos.Endpoint, path);
        using HttpResponseMessage response = await SignedRequests.SendAsync(http, method, uri, account.Cosmos.Key, body, headers);
        return new(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    private sealed record Answer(int Status, string Body, Dictionary<string, string> Headers)
    {
        public JsonElement Json => JsonDocument.Parse(Body).RootElement;

        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
