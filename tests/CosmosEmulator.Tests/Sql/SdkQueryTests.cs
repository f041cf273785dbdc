using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>
/// The SDK's own way through a query (plan, rewritten text, one request per partition, merging, resuming) gives what the engine gives
/// over all items at once.
/// </summary>
public sealed class SdkQueryTests(SdkQueryTests.Accounts accounts) : IClassFixture<SdkQueryTests.Accounts>
{
    private static readonly string[] Items = [.. Enumerable.Range(0, 40).Select(Item)];
    private static readonly IReadOnlyList<SqlRow> Rows = SqlRunner.Rows($"[{string.Join(",", Items)}]");

    public static TheoryData<string> Queries => [.. CaseFile.Lines("sdk.txt")];

    public static TheoryData<string> Resumable =>
        [.. CaseFile.Lines("sdk.txt").Where(query => query.Contains("ORDER BY", StringComparison.Ordinal) || !IsMerged(query))];

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_over_any_number_of_partitions_gives_the_whole_result(string query)
    {
        foreach (int partitions in new[] { 1, 3 })
        {
            foreach ((int size, bool direct) in new[] { (-1, false), (2, false), (3, true) })
            {
                var options = new QueryRequestOptions { MaxItemCount = size, EnableOptimisticDirectExecution = direct };
                AssertSame(query, await Read(accounts.Of(partitions), query, options));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Resumable))]
    public async Task A_query_can_be_resumed_after_each_page(string query)
    {
        var results = new List<string>();
        string? token = null;
        do
        {
            using FeedIterator pages = accounts.Of(3).GetItemQueryStreamIterator(query, token, new() { MaxItemCount = 2 });
            using ResponseMessage page = await pages.ReadNextAsync();
            Assert.True(page.IsSuccessStatusCode, page.ErrorMessage);
            results.AddRange(await Documents(page));
            token = page.ContinuationToken;
        }
        while (token is not null);
        AssertSame(query, results);
    }

    [Theory]
    [InlineData("SELECT * FROM c WHERE", "SC1002")]
    [InlineData("SELECT * FROM c WHERE x.n = 1", "SC2001")]
    [InlineData("SELECT VALUE udf.f(c) FROM c", "SC2990")]
    [InlineData("SELECT * FROM c ORDER BY c.id, c.n", "The order by query does not have a corresponding composite index that it can be served from.")]
    [InlineData("SELECT * FROM c ORDER BY c.n, c.id, c.mixed", "does not have a corresponding composite index")]
    [InlineData("SELECT VALUE t FROM c JOIN t IN c.tags ORDER BY t", "Order-by over correlated collections is not supported.")]
    public async Task A_wrong_query_is_a_bad_request_with_the_code_of_the_service(string query, string code)
    {
        CosmosException refusal = await Assert.ThrowsAsync<CosmosException>(() => Read(accounts.Of(3), query, new()));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refusal.StatusCode);
        Assert.Contains(code, refusal.Message, StringComparison.Ordinal);
    }

    private static bool IsMerged(string query) => query.Contains("GROUP BY", StringComparison.Ordinal) || query.Contains("(1)", StringComparison.Ordinal)
        || query.Contains("DISTINCT", StringComparison.Ordinal) || query.Contains("(c.", StringComparison.Ordinal);

    // Without ORDER BY the order of partitions shows, so only the results count; counted ones then only by their number.
    private static void AssertSame(string query, IReadOnlyList<string> actual)
    {
        IEnumerable<string> expected = SqlRunner.Run(query, Rows).Select(SqlRunner.Canonical);
        IEnumerable<string> found = actual.Select(SqlRunner.Canonical);
        bool isOrdered = query.Contains("ORDER BY", StringComparison.Ordinal);
        Assert.Equal(isOrdered ? expected : expected.Order(StringComparer.Ordinal), isOrdered ? found : found.Order(StringComparer.Ordinal));
    }

    private static async Task<List<string>> Read(Container container, string query, QueryRequestOptions options)
    {
        var results = new List<string>();
        using FeedIterator pages = container.GetItemQueryStreamIterator(query, null, options);
        while (pages.HasMoreResults)
        {
            using ResponseMessage page = await pages.ReadNextAsync();
            page.EnsureSuccessStatusCode();
            results.AddRange(await Documents(page));
        }

        return results;
    }

    private static async Task<IEnumerable<string>> Documents(ResponseMessage page)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(page.Content);
        return [.. body.RootElement.GetProperty("Documents").EnumerateArray().Select(document => document.GetRawText())];
    }

    private static string Item(int i)
    {
        string mixed = (i % 7) switch { 0 => "null", 1 => "true", 2 => "false", 3 => "1.5", 4 => "\"text\"", 5 => "-3", _ => "" };
        string text = i % 3 == 0 ? $",\"text\":\"é{i}\"" : "";
        string tags = string.Join(",", "abc".Take(i % 4).Select(tag => $"\"{tag}\""));
        string any = (i % 5) switch { 0 => "[]", 1 => "[1,\"a\"]", 2 => "{\"a\":{\"b\":[true,null]}}", 3 => "{}", _ => "7" };
        return $$"""{"any":{{any}},"id":"i{{(i * 7) % 40:D2}}","pk":"p{{i % 8}}","n":{{i % 6}}{{(mixed.Length > 0 ? $",\"mixed\":{mixed}" : "")}}{{text}},"tags":[{{tags}}]}""";
    }

    /// <summary>One account with one physical partition and one with three, both with the same items.</summary>
    public sealed class Accounts : IAsyncLifetime
    {
        private readonly Dictionary<int, (TestAccount Account, Container Container)> accounts = [];

        public Container Of(int partitions) => accounts[partitions].Container;

        public async ValueTask InitializeAsync()
        {
            foreach (int partitions in new[] { 1, 3 })
            {
                TestAccount account = await TestAccount.StartAsync(partitions);
                Container container = await account.ContainerAsync(new ContainerProperties("items", "/pk") { IndexingPolicy = Indexed() });
                accounts[partitions] = (account, container);
                foreach (string item in Items)
                {
                    using var stream = new MemoryStream(Encoding.UTF8.GetBytes(item));
                    string key = JsonDocument.Parse(item).RootElement.GetProperty("pk").GetString() ?? "";
                    using ResponseMessage created = await container.CreateItemStreamAsync(stream, new PartitionKey(key));
                    created.EnsureSuccessStatusCode();
                }
            }
        }

        // Every ORDER BY of two paths needs its composite index; the opposite directions come for nothing.
        private static IndexingPolicy Indexed()
        {
            var policy = new IndexingPolicy();
            foreach ((string first, bool isOpposite) in new[] { ("/n", false), ("/n", true), ("/mixed", true), ("/any", false) })
            {
                policy.CompositeIndexes.Add(
                [
                    new CompositePath { Path = first, Order = CompositePathSortOrder.Ascending },
                    new CompositePath { Path = "/id", Order = isOpposite ? CompositePathSortOrder.Descending : CompositePathSortOrder.Ascending },
                ]);
            }

            return policy;
        }

        public async ValueTask DisposeAsync()
        {
            foreach ((TestAccount account, _) in accounts.Values)
            {
                await account.DisposeAsync();
            }
        }
    }
}
