using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Partitions;

/// <summary>The partition splits while the SDK is in the middle of its pages: the result is the one without a split.</summary>
public sealed class SplitQueryTests : IAsyncLifetime
{
    private const int Items = 90;

    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        container = await FilledAsync("items");
    }

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Theory]
    [InlineData("SELECT VALUE c.id FROM c")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n DESC")]
    [InlineData("SELECT DISTINCT VALUE c.n FROM c")]
    [InlineData("SELECT DISTINCT c.n, c.text FROM c")]
    [InlineData("SELECT DISTINCT VALUE c.n FROM c ORDER BY c.n")]
    [InlineData("SELECT DISTINCT c.n, c.text FROM c ORDER BY c.n DESC")]
    [InlineData("SELECT c.n, COUNT(1) AS k FROM c GROUP BY c.n")]
    [InlineData("SELECT c.n, c.text, MIN(c.id) AS a, MAX(c.id) AS b, AVG(c.n) AS m FROM c GROUP BY c.n, c.text")]
    [InlineData("SELECT VALUE COUNT(1) FROM c")]
    [InlineData("SELECT VALUE SUM(c.n) FROM c")]
    [InlineData("SELECT COUNT(1) AS k, MAX(c.n) AS m FROM c")]
    [InlineData("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.n, c.text FROM c)")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n OFFSET 7 LIMIT 42")]
    [InlineData("SELECT TOP 33 VALUE c.n FROM c ORDER BY c.n DESC")]
    public async Task The_result_is_the_one_without_a_split(string query)
    {
        List<string> whole = await ResultsAsync(container, query);
        for (int requests = 1; requests <= 4; requests++)
        {
            Container fresh = await FilledAsync($"split{requests}");
            using var handler = new SplittingHandler(account.Cosmos, fresh.Id, requests);
            CosmosClient client = account.NewClient(options => options.HttpClientFactory = () => new HttpClient(handler, disposeHandler: false));
            List<string> paged = await ResultsAsync(client.GetContainer("db", fresh.Id), query);
            Assert.Equal(whole, paged);
        }
    }

    [Theory]
    [InlineData("SELECT * FROM c", false)]
    [InlineData("SELECT TOP 20 * FROM c", false)]
    [InlineData("SELECT TOP 20 * FROM c ORDER BY c.n", false)]
    [InlineData("SELECT * FROM c OFFSET 5 LIMIT 20", false)]
    [InlineData("SELECT c.id FROM c JOIN t IN c.tags", false)]
    [InlineData("SELECT DISTINCT VALUE c.n FROM c", true)]
    [InlineData("SELECT DISTINCT c.n FROM c ORDER BY c.n", true)]
    [InlineData("SELECT c.n FROM c GROUP BY c.n", true)]
    [InlineData("SELECT VALUE COUNT(1) FROM c", true)]
    [InlineData("SELECT s.n FROM (SELECT DISTINCT c.n FROM c) AS s", true)]
    public async Task A_query_sent_as_written_is_told_whether_its_results_need_merging(string query, bool requires)
    {
        using var raw = new RawClient(account.Cosmos);
        RawAnswer answer = await raw.PostAsync(
            "/dbs/db/colls/items/docs",
            $$"""{"query":"{{query}}"}""",
            ("Content-Type", "application/query+json"),
            ("x-ms-documentdb-isquery", "True"),
            ("x-ms-documentdb-query-enablecrosspartition", "True"),
            ("x-ms-cosmos-query-optimisticdirectexecute", "True"));
        Assert.Equal(200, answer.Status);
        Assert.Equal(requires ? "true" : "false", answer.Header("x-ms-cosmos-query-requiresdistribution"));
    }

    private static async Task<List<string>> ResultsAsync(Container from, string query)
    {
        var options = new QueryRequestOptions { MaxItemCount = 3, MaxConcurrency = 1, MaxBufferedItemCount = 3 };
        List<JToken> results = await from.GetItemQueryIterator<JToken>(query, requestOptions: options).AllAsync();
        IEnumerable<string> texts = results.Select(result => result.ToString(Newtonsoft.Json.Formatting.None));

        // Only an ORDER BY promises an order, and only as far as its keys go: a limit must not cut through equal keys.
        return [.. query.Contains("VALUE c.n FROM c ORDER BY", StringComparison.Ordinal) ? texts : texts.Order(StringComparer.Ordinal)];
    }

    private async Task<Container> FilledAsync(string id)
    {
        Container filled = await account.ContainerAsync("/pk", id);
        for (int i = 0; i < Items; i++)
        {
            await filled.CreateItemAsync(new Thing($"{i:00}", $"p{i % 31}", i % 13, $"t{i % 7}"));
        }

        return filled;
    }

    /// <summary>Splits the only partition after so many pages of a query were answered.</summary>
    private sealed class SplittingHandler(EmbeddedCosmos cosmos, string container, int pages) : DelegatingHandler(cosmos.CreateHandler())
    {
        private int remaining = pages;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool isPage = request.Headers.Contains("x-ms-documentdb-isquery") && request.Headers.Contains("x-ms-documentdb-partitionkeyrangeid");
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (isPage && Interlocked.Decrement(ref remaining) == 0)
            {
                await cosmos.SplitAsync("db", container, "0", cancellationToken);
            }

            return response;
        }
    }
}
