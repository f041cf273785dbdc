using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Functions;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>The table of functions against the service's planner and against our own documentation.</summary>
public sealed partial class FunctionTableTests
{
    private const int MostArguments = 9;

    public static TheoryData<string> Names => [.. FunctionTable.Names.Order(StringComparer.Ordinal)];

    public static TheoryData<string, string> Refused => CaseFile.Read("refused.txt");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_function_takes_as_many_arguments_as_in_the_service(string name)
    {
        Assert.SkipWhen(NativePlanner.Absence is not null, NativePlanner.Absence ?? "");
        for (int count = 0; count <= MostArguments; count++)
        {
            string query = $"SELECT VALUE {name}({string.Join(", ", Enumerable.Repeat("c.x", count))}) FROM c";
            (bool isPlan, JsonElement answer) = NativePlanner.Plan(query, null, ["/pk"], false);
            string expected = isPlan ? "" : ArgumentErrors(answer.GetRawText());
            string actual = "";
            try
            {
                SqlQuery.Parse(query);
            }
            catch (SqlException exception)
            {
                actual = ArgumentErrors(exception.ErrorJson);
            }

            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_supported_is_refused_by_name(string query, string what)
    {
        SqlException refusal = Assert.Throws<SqlException>(() => SqlQuery.Parse(query));
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(refusal.ErrorJson).GetProperty("errors")[0];
        Assert.Equal("SC2990", error.GetProperty("code").GetString());
        Assert.Equal($"The specified query includes '{what}' which is currently not supported.", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("Functions")]
    [InlineData("Aggregates")]
    [InlineData("Refused functions")]
    public void The_documentation_lists_exactly_the_functions_there_are(string section)
    {
        IEnumerable<string> known = section switch
        {
            "Functions" => FunctionTable.Supported.Select(function => function.Name),
            "Aggregates" => Accumulator.Names,
            _ => FunctionTable.Refused,
        };
        string text = File.ReadAllText(CaseFile.PathOf("../../../../docs/emulator-sql.md"));
        string body = text.Split($"### {section}\n")[1].Split("\n#")[0];
        Assert.Equal(known.Order(StringComparer.Ordinal), CodeSpan().Matches(body).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    // Both sides can have more to say about a call; here only its name and its number of arguments count.
    private static string ArgumentErrors(string json) => string.Join(";", JsonSerializer.Deserialize<JsonElement>(json).GetProperty("errors").EnumerateArray()
        .Where(error => error.GetProperty("code").ToString() is "SC2005" or "SC2050").Select(error => error.GetProperty("message").GetString()));

    [GeneratedRegex("`([A-Z0-9_]+)`")]
    private static partial Regex CodeSpan();
}
