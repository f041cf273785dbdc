using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

/// <summary>What the service refuses and a lenient emulator would let through until the first day in production.</summary>
public sealed class ServiceLikeTests : IAsyncLifetime
{
    private const string Items = "/dbs/db/colls/items/docs";
    private static readonly (string, string) Key = ("x-ms-documentdb-partitionkey", "[\"a\"]");
    private static readonly (string, string)[] Query = [("x-ms-documentdb-isquery", "True"), ("Content-Type", "application/query+json")];

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

    [Theory]
    [InlineData("/*", "/n/?", "c.n", false)]
    [InlineData("/*", "/n/*", "c.n", false)]
    [InlineData("/*", "/n/*", "c.n.x", false)]
    [InlineData("/*", "/n/*", "c.m", true)]
    [InlineData("/n/?", "/*", "c.n", true)]
    [InlineData("/n/?", "/*", "c[\"n\"]", true)]
    [InlineData("/n/?", "/*", "c.m", false)]
    [InlineData("/n/?", "/*", "c.id", true)]
    [InlineData("/n/?", "/*", "c._ts", true)]
    [InlineData("/l/[]/?", "/*", "c.l[0]", true)]
    [InlineData("/n/?", "/*", "c.l[0]", false)]
    public async Task An_excluded_path_can_not_be_ordered_by(string included, string excluded, string path, bool isServed)
    {
        Container container = await account.ContainerAsync(new ContainerProperties("items", "/pk")
        {
            IndexingPolicy = new IndexingPolicy { IncludedPaths = { new IncludedPath { Path = included } }, ExcludedPaths = { new ExcludedPath { Path = excluded } } },
        });
        Task<List<Thing>> Ordered() => container.GetItemQueryIterator<Thing>($"SELECT * FROM c ORDER BY {path}").AllAsync();
        if (isServed)
        {
            Assert.Empty(await Ordered());
        }
        else
        {
            CosmosException refused = await Feeds.FailsAsync(HttpStatusCode.BadRequest, Ordered);
            Assert.Contains("The index path corresponding to the specified order-by item is excluded.", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("SELECT * FROM c", false)]
    [InlineData("SELECT * FROM c WHERE c.n = 1", false)]
    [InlineData("SELECT * FROM c WHERE c.pk IN ('a', 'b')", false)]
    [InlineData("SELECT * FROM c WHERE c.pk = 'a' AND c.n = 1", true)]
    [InlineData("SELECT VALUE 1", true)]
    public async Task A_query_that_reaches_many_keys_says_so(string query, bool isServed)
    {
        await account.ContainerAsync();
        string body = $$"""{"query":"{{query}}"}""";

        RawAnswer answer = await raw.PostAsync(Items, body, Query);

        Assert.Equal(isServed ? 200 : 400, answer.Status);
        if (!isServed)
        {
            Assert.StartsWith("Cross partition query is required but disabled.", answer.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(200, (await raw.PostAsync(Items, body, [.. Query, ("x-ms-documentdb-query-enablecrosspartition", "True")])).Status);
        Assert.Equal(200, (await raw.PostAsync(Items, body, [.. Query, Key])).Status);
        Assert.Equal(200, (await raw.PostAsync(Items, body, [.. Query, ("x-ms-documentdb-partitionkeyrangeid", "0")])).Status);
    }

    [Theory]
    [InlineData(-16, 403)]
    [InlineData(-14, 200)]
    [InlineData(14, 200)]
    [InlineData(16, 403)]
    public async Task A_signature_is_good_for_a_quarter_of_an_hour(int minutes, int status)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(-minutes));
        await using var cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { Clock = clock });
        using var http = new HttpClient { BaseAddress = await cosmos.ListenAsync(0, TestContext.Current.CancellationToken) };

        using HttpResponseMessage answer = await SignedRequests.GetAsync(http, new Uri(cosmos.Endpoint, "dbs"), cosmos.Key);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 403)
        {
            Assert.Contains("The authorization token is not valid at the current time.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("POST", Items, null)]
    [InlineData("POST", Items, "x-ms-documentdb-is-upsert")]
    [InlineData("PUT", Items + "/1", null)]
    public async Task A_write_names_its_partition_key(string method, string path, string? header)
    {
        await account.ContainerAsync();
        const string body = """{"id":"1","pk":"a"}""";
        (string, string)[] headers = header is null ? [] : [(header, "True")];

        RawAnswer answer = await raw.SendAsync(method, path, body, headers);

        Assert.Equal(400, answer.Status);
        Assert.Contains("fewer components than defined", answer.Json.GetProperty("message").GetString());
        Assert.NotEqual(400, (await raw.SendAsync(method, path, body, [.. headers, Key])).Status);
    }

    [Theory]
    [InlineData("/dbs", """{"id":"other"}""")]
    [InlineData("/dbs/db/colls", """{"id":"other","partitionKey":{"paths":["/pk"]}}""")]
    public async Task Throughput_is_manual_or_scales_but_not_both(string path, string body)
    {
        RawAnswer answer = await raw.PostAsync(
            path, body, ("x-ms-offer-throughput", "400"), ("x-ms-cosmos-offer-autopilot-settings", """{"maxThroughput":4000}"""));
        Assert.Equal(400, answer.Status);
    }
}
