using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>Whatever the size of the pages, together they are the whole result: in both directions, with and without a resume filter.</summary>
public sealed class PagingTests
{
    private static readonly string[] Shapes =
    [
        "SELECT * FROM c",
        "SELECT VALUE c.id FROM c WHERE c.n >= 1",
        "SELECT TOP 5 * FROM c",
        "SELECT * FROM c OFFSET 3 LIMIT 4",
        "SELECT c.id, t FROM c JOIN t IN c.tags",
        "SELECT * FROM c ORDER BY c.id",
        "SELECT * FROM c ORDER BY c.id DESC",
        "SELECT * FROM c WHERE c.id >= 'b' ORDER BY c.id",
        "SELECT * FROM c WHERE c.id >= 'b' OR c.n = 1 ORDER BY c.id DESC",
        "SELECT c.id, t FROM c JOIN t IN c.tags ORDER BY c.id DESC",
        "SELECT TOP 6 * FROM c ORDER BY c.id",
        "SELECT * FROM c ORDER BY c.id OFFSET 2 LIMIT 5",
        "SELECT * FROM c ORDER BY c.n",
        "SELECT * FROM c ORDER BY c.n DESC",
        "SELECT * FROM c ORDER BY c.n DESC, c.m ASC",
        "SELECT * FROM c WHERE c.m != 2 ORDER BY c.n ASC, c.m DESC",
        "SELECT c.id, t FROM c JOIN t IN c.tags ORDER BY c.n DESC",
        "SELECT VALUE c.m FROM c ORDER BY c.n",
        "SELECT TOP 4 c.id FROM c ORDER BY c.n DESC",
        "SELECT c.id FROM c ORDER BY c.n OFFSET 3 LIMIT 6",
        "SELECT DISTINCT VALUE c.n FROM c",
        "SELECT DISTINCT c.n, c.m FROM c ORDER BY c.n DESC",
        "SELECT c.n, COUNT(1) AS k FROM c GROUP BY c.n",
        "SELECT c.n, MAX(c.m) AS k FROM c GROUP BY c.n ORDER BY c.n DESC",
        "SELECT VALUE COUNT(1) FROM c",
        "SELECT VALUE x.n FROM (SELECT c.n FROM c WHERE c.n > 0) x",
    ];

    private static readonly Gen<string> Values =
        Gen.OneOf(Gen.Const("0"), Gen.Const("1"), Gen.Const("1.5"), Gen.Const("2"), Gen.Const("null"), Gen.Const("true"), Gen.Const("\"a\""), Gen.Const("[1]"), Gen.Const("{\"a\":[2]}"), Gen.Const(""));

    private static readonly Gen<IReadOnlyList<SqlRow>> Items = Gen.Select(
        Gen.Select(Gen.String[Gen.Char["abCé_"], 1, 3], Values, Values, Gen.Int[0, 3]).Array[0, 25],
        items => (IReadOnlyList<SqlRow>)[.. items.DistinctBy(item => item.Item1).Select(Row)]);

    [Fact]
    public void All_pages_together_are_the_whole_result() =>
        Gen.Select(Items, Gen.OneOf(Shapes), Gen.Int[1, 7]).Sample(
            (items, query, size) => Assert.Equal(SqlRunner.Run(query, items), Pages(query, items, size, null)),
            iter: 1000);

    [Fact]
    public void A_resumed_query_gives_what_comes_at_or_after_the_place_where_it_resumes() =>
        Gen.Select(Items, Gen.OneOf(" ", " DESC"), Gen.OneOf("c.n", "c.id"), Gen.Int[1, 7], Gen.Int[0, 24], Gen.Int[0, 2]).Sample(
            (items, direction, path, size, at, kind) =>
            {
                string query = $"SELECT c._rid, [{{\"item\": {path}}}] AS orderByItems, c.id AS payload FROM c WHERE (true) ORDER BY {path}{direction}";
                IReadOnlyList<string> whole = SqlRunner.Run(query, items);
                if (at < whole.Count)
                {
                    SqlObject last = JsonText.Read(Encoding.UTF8.GetBytes(whole[at])).Object;
                    SqlValue value = Value(last);
                    string resume = $$"""
                        {"value":[{{Resume(value)}}],"exclude":{{(kind == 0 ? "true" : "false")}}{{(
                            kind == 1 ? $",\"rid\":{JsonText.Write(last[new("_rid")])}" : "")}}}
                        """;
                    IEnumerable<string> expected = kind switch
                    {
                        0 => whole.Skip(at).Where(json => Value(JsonText.Read(Encoding.UTF8.GetBytes(json)).Object) != value),
                        1 => whole.Skip(at),
                        _ => whole.SkipWhile(json => Value(JsonText.Read(Encoding.UTF8.GetBytes(json)).Object) != value),
                    };
                    Assert.Equal(expected, Pages(query, items, size, resume));
                }
            },
            iter: 1000);

    [Fact]
    public void Equal_order_values_come_by_item_number_in_the_direction_of_the_first_key() =>
        Gen.Select(Items, Gen.Bool, Gen.Bool).Sample(
            (items, first, second) =>
            {
                IReadOnlyList<string> result = SqlRunner.Run(
                    $"SELECT VALUE c.id FROM c ORDER BY c.n {(first ? "DESC" : "ASC")}, c.m {(second ? "DESC" : "ASC")}", items);
                var parsed = items.Select(item => (item.Number, Item: JsonText.Read(item.Json).Object)).ToList();
                IOrderedEnumerable<(ulong Number, SqlObject Item)> sorted = first
                    ? parsed.OrderByDescending(entry => entry.Item[new("n")])
                    : parsed.OrderBy(entry => entry.Item[new("n")]);
                sorted = second ? sorted.ThenByDescending(entry => entry.Item[new("m")]) : sorted.ThenBy(entry => entry.Item[new("m")]);
                sorted = first ? sorted.ThenByDescending(entry => entry.Number) : sorted.ThenBy(entry => entry.Number);
                Assert.Equal(sorted.Select(entry => JsonText.Write(entry.Item[new("id")])), result);
            },
            iter: 1000);

    [Fact]
    public void A_token_is_short_plain_ascii_and_survives_items_that_come_and_go()
    {
        IReadOnlyList<SqlRow> items = SqlRunner.Rows("""[{"id":"ä1","n":1},{"id":"ä2","n":1},{"id":"ä3","n":1},{"id":"ä4","n":2}]""");
        foreach (string order in new[] { "", "ORDER BY c.id", "ORDER BY c.n" })
        {
            string query = $"SELECT VALUE c.id FROM c {order}";
            QueryPage first = SqlRunner.Page(query, items, maxItems: 2);
            Assert.Matches("^[A-Za-z0-9._-]{1,60}$", first.Continuation);

            // The last item of the page is deleted, a new one is written before it: the next page is the same.
            IReadOnlyList<SqlRow> changed = [items[0], items[2], items[3]];
            Assert.Equal(["\"ä3\"", "\"ä4\""], SqlRunner.Page(query, changed, continuation: first.Continuation).Documents.Select(SqlRunner.Text));
        }
    }

    [Theory]
    [InlineData("SELECT * FROM c", "nonsense")]
    [InlineData("SELECT * FROM c", "1.2")]
    [InlineData("SELECT * FROM c", "-1.2.3")]
    [InlineData("SELECT * FROM c", "1.2.3.W1tdXQ")]
    [InlineData("SELECT * FROM c ORDER BY c.n", "1.2.3")]
    [InlineData("SELECT * FROM c ORDER BY c.n", "1.2.3.!!")]
    [InlineData("SELECT * FROM c ORDER BY c.n", "1.2.3.bm90IGpzb24")]
    [InlineData("SELECT * FROM c ORDER BY c.n, c.m", "1.2.3.W1tdXQ")]
    public void A_token_of_something_else_is_refused(string query, string token) =>
        Assert.Contains("Invalid continuation token", Assert.Throws<SqlException>(() => SqlRunner.Page(query, continuation: token)).ErrorJson, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"value":[1,2]}""")]
    [InlineData("""{"rid":"AAAAAIAAAAABAAAAAAAAAA=="}""")]
    [InlineData("""{"value":[1],"rid":"AAAA"}""")]
    [InlineData("""{"value":[{"type":"array","low":1}]}""")]
    [InlineData("""{"value":[[1]]}""")]
    [InlineData("[]")]
    public void A_resume_filter_that_says_nothing_is_refused(string filter) =>
        Assert.Throws<SqlException>(() => SqlRunner.Page("SELECT * FROM c ORDER BY c.n", resumeFilter: filter));

    // As the client writes it: of an array or an object only the hash, in two halves of opposite byte order.
    private static string Resume(SqlValue value) => value.Kind switch
    {
        SqlKind.Undefined => "[]",
        SqlKind.Array or SqlKind.Object => $$"""
            {"type":"{{value.Kind.ToString().ToLowerInvariant()}}","low":{{Half((ulong)(OrderHash.Of(value) >> 64))}},"high":{{Half((ulong)OrderHash.Of(value))}}}
            """,
        _ => JsonText.Write(value),
    };

    private static long Half(ulong bytes) => (long)BinaryPrimitives.ReverseEndianness(bytes);

    private static SqlValue Value(SqlObject row) => row[new("orderByItems")].Array.Items[0].Object[new("item")];

    private static List<string> Pages(string query, IReadOnlyList<SqlRow> items, int size, string? resume)
    {
        var results = new List<string>();
        string? token = null;
        do
        {
            QueryPage page = SqlRunner.Page(query, items, maxItems: size, continuation: token, resumeFilter: resume);
            Assert.InRange(page.Documents.Count, token is null ? 0 : 1, size);
            results.AddRange(page.Documents.Select(SqlRunner.Text));
            token = page.Continuation;
        }
        while (token is not null);
        return results;
    }

    private static SqlRow Row((string Id, string N, string M, int Tags) item, int index)
    {
        Span<byte> rid = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(rid[8..], (ulong)index + 1);
        string json = $"{{\"id\":\"{item.Id}\",\"_rid\":\"{Convert.ToBase64String(rid)}\"{Property("n", item.N)}{Property("m", item.M)}"
            + $",\"tags\":[{string.Join(",", Enumerable.Range(0, item.Tags).Select(tag => tag % 2))}]}}";
        return new((ulong)index + 1, Encoding.UTF8.GetBytes(json));
    }

    private static string Property(string name, string value) => value.Length == 0 ? "" : $",\"{name}\":{value}";
}
