using System.Globalization;
using System.Text;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>What the engine asks of storage, and how little of it a page pulls.</summary>
public sealed class AccessTests
{
    private static readonly IReadOnlyList<SqlRow> Commits =
        [.. Enumerable.Range(1, 10_000).Select(i => Row((ulong)i, $$"""{"id":"{{i:D10}}","stream":"s","commandId":"c{{i}}","n":{{i % 7}}}"""))];

    public static TheoryData<string, string> Queries => CaseFile.Read("access.txt");

    [Theory]
    [MemberData(nameof(Queries))]
    public void A_query_asks_storage_for(string query, string expected)
    {
        var rows = new MemoryRows(SqlRunner.Items);
        QueryEngine.Execute(new QueryRequest(SqlQuery.Parse(query), default, -1, null, null, -1), rows);
        Assert.NotNull(rows.Asked);
        Assert.Equal(expected, Describe(rows.Asked));
    }

    [Theory]
    [InlineData("SELECT * FROM c WHERE c.id >= '0000005000' ORDER BY c.id")]
    [InlineData("SELECT * FROM c ORDER BY c.id DESC")]
    [InlineData("SELECT * FROM c")]
    [InlineData("SELECT VALUE c.n FROM c WHERE c.id > '0000000100' ORDER BY c.id ASC")]
    public void A_page_pulls_one_row_more_than_it_returns(string query)
    {
        string? token = null;
        for (int page = 0; page < 5; page++)
        {
            var rows = new MemoryRows(Commits);
            QueryPage result = QueryEngine.Execute(new QueryRequest(SqlQuery.Parse(query), default, 10, token, null, -1), rows);
            token = result.Continuation;
            Assert.Equal(10, result.Documents.Count);
            Assert.NotNull(token);
            Assert.InRange(rows.Pulled, 10, 12); // The last row of the page before, ten rows, and one to know that there is more.
            Assert.Equal(rows.Pulled, result.RowsScanned);
        }
    }

    [Fact]
    public void The_tail_of_a_stream_and_a_commit_by_its_command_are_found_by_id_and_by_equality()
    {
        var rows = new MemoryRows(Commits);
        const string Query = "SELECT * FROM c WHERE c.id >= @from OR c.commandId = @cmd ORDER BY c.id";
        const string Parameters = """[{"name":"@from","value":"0000009998"},{"name":"@cmd","value":"c17"}]""";
        QueryPage page = QueryEngine.Execute(
            new QueryRequest(SqlQuery.Parse(Query), System.Text.Json.JsonDocument.Parse(Parameters).RootElement, -1, null, null, -1), rows);
        Assert.Equal("ById id>=0000009998 | /commandId=\"c17\"", Describe(rows.Asked ?? throw new InvalidOperationException()));
        Assert.Equal(4, page.RowsScanned);
        Assert.Equal(["17", "9998", "9999", "10000"], page.Documents.Select(json => SqlRunner.Text(json)[7..17].TrimStart('0')));
    }

    [Fact]
    public void Whole_items_come_back_as_the_stored_bytes()
    {
        SqlRow row = Row(1, """{ "id" : "1",  "n" : 1.0e0 }""");
        foreach (string query in new[] { "SELECT * FROM c", "SELECT VALUE c FROM c", "SELECT * FROM c ORDER BY c.n", "SELECT DISTINCT * FROM c" })
        {
            ReadOnlyMemory<byte> document = Assert.Single(SqlRunner.Page(query, [row]).Documents);
            Assert.True(document.Span == row.Json.Span, $"{query} copied the item."); // The same memory, not only equal bytes.
        }
    }

    [Fact]
    public void A_page_ends_when_its_size_is_reached_and_always_has_one_item()
    {
        var rows = new MemoryRows(Commits);
        QueryPage page = QueryEngine.Execute(new QueryRequest(SqlQuery.Parse("SELECT * FROM c"), default, -1, null, null, 1), rows);
        Assert.Single(page.Documents);
        Assert.NotNull(page.Continuation);
    }

    private static SqlRow Row(ulong number, string json) => new(number, Encoding.UTF8.GetBytes(json));

    private static string Describe(RowAccess access) => string.Create(
        CultureInfo.InvariantCulture,
        $"{access.Order} {(access.Alternatives.Count == 0 ? "all" : string.Join(" | ", access.Alternatives.Select(Describe)))}");

    private static string Describe(RowAlternative alternative)
    {
        var parts = new List<string>();
        if (alternative.Ids is { From: string from } low)
        {
            parts.Add($"id{(low.FromInclusive ? ">=" : ">")}{from}");
        }

        if (alternative.Ids is { To: string to } high)
        {
            parts.Add($"id{(high.ToInclusive ? "<=" : "<")}{to}");
        }

        if (alternative.EqualPath is string path)
        {
            parts.Add($"{path}={alternative.EqualValue?.GetRawText()}");
        }

        return string.Join(" & ", parts);
    }
}
