using System.Globalization;
using System.Text;
using CsCheck;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>
/// Pages of one partition until it splits, then pages of each part with the token from before. What a client makes of all of them is
/// what it makes of the whole result.
/// </summary>
public sealed class SplitPagingTests
{
    private static readonly Gen<string> Values = Gen.OneOf(
        Gen.Const("0"), Gen.Const("1"), Gen.Const("1.5"), Gen.Const("null"), Gen.Const("false"), Gen.Const("\"a\""), Gen.Const("[1]"), Gen.Const("[2]"), Gen.Const("{\"a\":2}"), Gen.Const(""));

    // Each item says in which part it lands.
    private static readonly Gen<(SqlRow Row, bool IsRight)[]> Items =
        Gen.Select(Values, Values, Gen.Int[0, 3], Gen.Bool).Array[0, 25].Select(items => items.Select(Row).ToArray());

    private static readonly string[] Plain =
    [
        "SELECT VALUE c.id FROM c",
        "SELECT c.id, t FROM c JOIN t IN c.tags",
        "SELECT VALUE c.id FROM c ORDER BY c.id DESC",
        "SELECT VALUE c.id FROM c ORDER BY c.n",
        "SELECT VALUE c.id FROM c ORDER BY c.n DESC, c.m ASC",
        "SELECT c.id, t FROM c JOIN t IN c.tags ORDER BY c.n DESC",
        "SELECT c.id, s.k FROM c JOIN (SELECT COUNT(1) AS k FROM t IN c.tags) AS s",
    ];

    private static readonly string[] Distinct =
    [
        "SELECT DISTINCT VALUE c.n FROM c",
        "SELECT DISTINCT c.n, c.m FROM c",
        "SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags",
        "SELECT DISTINCT VALUE c.n FROM c ORDER BY c.n",
        "SELECT DISTINCT VALUE c.n FROM c ORDER BY c.n DESC",
        "SELECT DISTINCT VALUE c.n FROM c ORDER BY c.m",
        "SELECT DISTINCT c.n FROM c GROUP BY c.n, c.m",
        "SELECT VALUE s FROM (SELECT DISTINCT VALUE c.n FROM c) AS s",
    ];

    [Fact]
    public void Plain_and_ordered_results_come_once_each() =>
        Gen.Select(Items, Gen.OneOf(Plain), Gen.Int[1, 4], Gen.Int[1, 6]).Sample(
            (items, query, size, splitAfter) => Assert.Equal(Whole(query, items).Order(), Paged(query, items, size, splitAfter).Order()),
            iter: 2000);

    [Fact]
    public void No_distinct_value_is_lost() =>
        Gen.Select(Items, Gen.OneOf(Distinct), Gen.Int[1, 4], Gen.Int[1, 6]).Sample(
            (items, query, size, splitAfter) => Assert.Equal(
                Whole(query, items).Distinct().Order(), Paged(query, items, size, splitAfter).Distinct().Order()),
            iter: 2000);

    [Fact]
    public void Each_item_counts_in_its_group_once() =>
        Gen.Select(Items, Gen.OneOf("c.n", "c.n, c.m", "t"), Gen.Int[1, 4], Gen.Int[1, 6]).Sample(
            (items, keys, size, splitAfter) =>
            {
                string query = $"SELECT [{keys}] AS g, COUNT(1) AS k FROM c{(keys == "t" ? " JOIN t IN c.tags" : "")} GROUP BY {keys}";
                Assert.Equal(Counts(Whole(query, items)), Counts(Paged(query, items, size, splitAfter)));
            },
            iter: 2000);

    [Fact]
    public void The_first_of_all_are_among_the_first_of_each_part() =>
        Gen.Select(Items, Gen.OneOf("", " DESC"), Gen.Bool, Gen.Int[1, 4], Gen.Int[1, 6], Gen.Int[0, 9]).Sample(
            (items, direction, asTop, size, splitAfter, count) =>
            {
                string top = asTop ? $" TOP {count}" : "";
                string limit = asTop ? "" : $" OFFSET 0 LIMIT {count}";
                string query = $"SELECT{top} VALUE c.id FROM c ORDER BY c.n{direction}{limit}";
                var place = Whole($"SELECT VALUE c.id FROM c ORDER BY c.n{direction}", items).Index().ToDictionary(entry => entry.Item, entry => entry.Index);
                List<string> paged = Paged(query, items, size, splitAfter);
                Assert.Equal(Whole(query, items), paged.OrderBy(id => place[id]).Take(count));
                Assert.Equal(paged.Count, paged.Distinct().Count());
            },
            iter: 2000);

    [Fact]
    public void A_limit_of_distinct_values_or_groups_is_reached_when_there_are_enough() =>
        Gen.Select(Items, Gen.OneOf("SELECT DISTINCT TOP 4 VALUE c.n FROM c", "SELECT TOP 4 VALUE c.n FROM c GROUP BY c.n"), Gen.Int[1, 3], Gen.Int[1, 3]).Sample(
            (items, query, size, splitAfter) => Assert.Equal(
                Whole(query, items).Count, Paged(query, items, size, splitAfter).Distinct().Take(4).Count()),
            iter: 2000);

    [Fact]
    public void Groups_below_other_clauses_come_in_one_page() =>
        Assert.Null(SqlRunner.Page("SELECT s.pk FROM (SELECT c.pk FROM c GROUP BY c.pk) AS s", maxItems: 1).Continuation);

    private static SortedDictionary<string, long> Counts(IEnumerable<string> groups)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (SqlObject group in groups.Select(json => JsonText.Read(Encoding.UTF8.GetBytes(json)).Object))
        {
            string key = JsonText.Write(group[new("g")]);
            counts[key] = counts.GetValueOrDefault(key) + long.Parse(JsonText.Write(group[new("k")]), CultureInfo.InvariantCulture);
        }

        return counts;
    }

    private static IReadOnlyList<string> Whole(string query, (SqlRow Row, bool IsRight)[] items) =>
        SqlRunner.Run(query, [.. items.Select(item => item.Row)]);

    private static List<string> Paged(string query, (SqlRow Row, bool IsRight)[] items, int size, int splitAfter)
    {
        var results = new List<string>();
        string? token = Read([.. items.Select(item => item.Row)], null, splitAfter);
        if (token is not null)
        {
            Read([.. items.Where(item => !item.IsRight).Select(item => item.Row)], token, int.MaxValue);
            Read([.. items.Where(item => item.IsRight).Select(item => item.Row)], token, int.MaxValue);
        }

        return results;

        string? Read(IReadOnlyList<SqlRow> rows, string? from, int pages)
        {
            do
            {
                QueryPage page = SqlRunner.Page(query, rows, maxItems: size, continuation: from);
                results.AddRange(page.Documents.Select(SqlRunner.Text));
                from = page.Continuation;
            }
            while (from is not null && --pages > 0);
            return from;
        }
    }

    private static (SqlRow Row, bool IsRight) Row((string N, string M, int Tags, bool IsRight) item, int index)
    {
        string tags = string.Join(",", Enumerable.Range(0, item.Tags).Select(tag => (tag + index) % 3));
        string json = $"{{\"id\":\"{index:00}\"{Property("n", item.N)}{Property("m", item.M)},\"tags\":[{tags}]}}";
        return (new((ulong)index + 1, Encoding.UTF8.GetBytes(json)), item.IsRight);
    }

    private static string Property(string name, string value) => value.Length == 0 ? "" : $",\"{name}\":{value}";
}
