using System.Text.Json;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>Queries of any length and depth are answered or refused; none takes the process down.</summary>
public sealed class LimitTests
{
    private static readonly PartitionKeyPaths Paths = new(["/pk"], false);

    public static TheoryData<string, string, int> Repetitions => new()
    {
        { "(", ")", 200 },
        { "NOT ", "", 400 },
        { "[", "]", 200 },
        { "c.a = 1 OR ", "", 4999 },
        { "c.a = 1 AND ", "", 4999 },
        { "(c.id = 'a' AND c.pk = 'b') OR ", "", 2000 },
        { "1 + ", "", 900 },
        { "c.x ?? ", "", 400 },
        { "true ? 1 : ", "", 200 },
        { "ABS(", ")", 200 },
        { "(SELECT VALUE ", ")", 50 },
    };

    [Theory]
    [MemberData(nameof(Repetitions))]
    public void A_long_query_is_parsed_planned_and_executed(string open, string close, int times)
    {
        string query = Repeat(open, close, times);
        QueryPlanner.Plan(SqlQuery.Parse(query), default, Paths);
        SqlRunner.Run(query);
        SqlRunner.Run(query.Replace("SELECT VALUE 1", "SELECT c.n, COUNT(1) AS k", StringComparison.Ordinal) + " GROUP BY c.n");
    }

    [Theory]
    [MemberData(nameof(Repetitions))]
    public void A_query_beyond_the_limits_is_refused(string open, string close, int times)
    {
        string query = Repeat(open, close, 200_000 / (open.Length + close.Length));
        Assert.True(query.Length > Repeat(open, close, times).Length);
        Assert.Contains("SC1030", Assert.Throws<SqlException>(() => SqlQuery.Parse(query)).ErrorJson, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_beyond_the_limit_is_refused_with_its_length()
    {
        string query = $"SELECT VALUE '{new string('a', 262_144)}' FROM c";
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(Assert.Throws<SqlException>(() => SqlQuery.Parse(query)).ErrorJson).GetProperty("errors")[0];
        Assert.Equal("SC3020", error.GetProperty("code").GetString());
        Assert.Equal(query.Length, error.GetProperty("location").GetProperty("end").GetInt32());
    }

    [Fact]
    public void A_regular_expression_that_would_take_for_ever_is_given_up()
    {
        const string Query = "SELECT VALUE REGEXMATCH('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '^(a+)+$')";
        Assert.Contains("took longer", Assert.Throws<SqlException>(() => SqlRunner.Run(Query)).ErrorJson, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_of_many_wildcards_is_matched_at_once() =>
        Assert.Equal(["false"], SqlRunner.Run($"SELECT VALUE '{new string('a', 5000)}' LIKE '{string.Concat(Enumerable.Repeat("%a", 500))}b'"));

    [Fact]
    public void A_list_of_many_candidates_is_searched_not_tried_one_by_one()
    {
        string list = string.Join(",", Enumerable.Range(0, 16_000));
        Assert.Equal(["\"wakefield\""], SqlRunner.Run($"SELECT VALUE c.id FROM c WHERE c.n IN ({list}) AND c.n = 3"));
    }

    private static string Repeat(string open, string close, int times) =>
        $"SELECT VALUE 1 FROM c WHERE {string.Concat(Enumerable.Repeat(open, times))}c.n = 1{string.Concat(Enumerable.Repeat(close, times))}";
}
