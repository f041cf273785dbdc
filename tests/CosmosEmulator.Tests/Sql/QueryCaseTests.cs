namespace Serverless.CosmosEmulator.Tests.Sql;

public sealed class QueryCaseTests
{
    public static TheoryData<string, string> Queries => CaseFile.Read("queries.txt");

    public static TheoryData<string, string> Expressions => CaseFile.Read("expressions.txt", "functions.txt");

    [Theory]
    [MemberData(nameof(Queries))]
    public void A_query_gives(string line, string expected)
    {
        (string query, string? parameters) = SqlRunner.Split(line);
        Assert.Equal(SqlRunner.Canonical(expected), SqlRunner.Canonical($"[{string.Join(",", SqlRunner.Run(query, parameters: parameters))}]"));
    }

    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_expression_is(string expression, string expected)
    {
        string result = SqlRunner.Run($"SELECT VALUE {expression}") switch { [var only] => only, [] => "undefined", _ => "several" };
        Assert.Equal(expected, result);
    }

    [Fact]
    public void A_string_holds_line_breaks_and_control_characters_as_they_are() =>
        Assert.Equal(["\"a\\t\\r\\n\\u0005b\""], SqlRunner.Run("SELECT VALUE \"a\t\r\n\u0005b\""));
}
