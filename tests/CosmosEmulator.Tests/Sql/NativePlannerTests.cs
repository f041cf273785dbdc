using System.Text;
using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>Plans and errors of the emulator are those of the service's own planner.</summary>
public sealed class NativePlannerTests
{
    private static readonly string[] SinglePath = ["/pk"];
    private static readonly string[] Hierarchy = ["/pk", "/n"];

    public static TheoryData<string> Planned => [.. CaseFile.Lines("plans.txt")];

    public static TheoryData<string> PlannedWider => [.. CaseFile.Lines("plans-wider.txt")];

    public static TheoryData<string> Refused => [.. CaseFile.Lines("errors.txt")];

    public static TheoryData<string, string> Expressions => CaseFile.Read("expressions.txt", "functions.txt");

    [Theory]
    [MemberData(nameof(Planned))]
    public void A_plan_is_the_one_of_the_service(string line)
    {
        Assert.SkipWhen(NativePlanner.Absence is not null, NativePlanner.Absence ?? "");
        (string query, string? parameters) = SqlRunner.Split(line);
        foreach ((string[] paths, bool hasKey) in new[] { (SinglePath, false), (SinglePath, true), (Hierarchy, false) })
        {
            (bool isPlan, JsonElement expected) = NativePlanner.Plan(query, parameters, paths, hasKey);
            Assert.True(isPlan, expected.ToString());
            JsonElement actual = Plan(query, parameters, paths, hasKey);
            Assert.Equal(Describe(expected), Describe(actual));
            Assert.Equal(NativeRanges(expected, paths.Length), Ranges(actual));
        }
    }

    [Theory]
    [MemberData(nameof(PlannedWider))]
    public void A_plan_may_reach_more_partitions_than_that_of_the_service_but_never_fewer(string line)
    {
        Assert.SkipWhen(NativePlanner.Absence is not null, NativePlanner.Absence ?? "");
        (string query, string? parameters) = SqlRunner.Split(line);
        JsonElement expected = NativePlanner.Plan(query, parameters, SinglePath, false).Answer;
        JsonElement actual = Plan(query, parameters, SinglePath, false);
        Assert.Equal("-FF)", Ranges(actual));
        Assert.NotEqual("-FF)", NativeRanges(expected, 1));
        if (NativeRanges(expected, 1) != "-]")
        {
            Assert.Equal(Describe(expected), Describe(actual)); // With no partition to ask, the service leaves the rest out.
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_error_is_the_one_of_the_service(string line)
    {
        Assert.SkipWhen(NativePlanner.Absence is not null, NativePlanner.Absence ?? "");
        (string query, string? parameters) = SqlRunner.Split(line);
        (bool isPlan, JsonElement expected) = NativePlanner.Plan(query, parameters, SinglePath, false);
        Assert.False(isPlan, expected.ToString());
        SqlException actual = Assert.Throws<SqlException>(() => Plan(query, parameters, SinglePath, false));
        Assert.Equal(SqlRunner.Canonical(expected.GetRawText()), SqlRunner.Canonical(actual.ErrorJson));
    }

    /// <summary>The planner folds constants, which makes it a reference for what functions and operators compute.</summary>
    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_expression_is_what_the_service_folds_it_to(string expression, string expected)
    {
        Assert.SkipWhen(NativePlanner.Absence is not null, NativePlanner.Absence ?? "");
        string folded = Fold(expression);
        Assert.Equal(expected, folded is "{}" ? JsonSerializer.Deserialize<string>(Fold($"ToString({expression})")) : folded);
    }

    private static string Fold(string expression)
    {
        (bool isPlan, JsonElement plan) = NativePlanner.Plan($"SELECT * FROM c WHERE c.pk = ({expression})", null, SinglePath, false);
        Assert.True(isPlan, plan.ToString());
        JsonElement min = plan.GetProperty("queryRanges")[0].GetProperty("min");
        return min.ValueKind != JsonValueKind.Array ? "not a constant"
            : min.GetArrayLength() == 0 ? "undefined"
            : JsonText.Write(JsonText.Read(min[0]));
    }

    private static JsonElement Plan(string query, string? parameters, string[] paths, bool hasKey)
    {
        JsonElement values = parameters is null ? default : JsonSerializer.Deserialize<JsonElement>(parameters);
        var definition = new PartitionKeyPaths(paths, paths.Length > 1);
        return JsonSerializer.Deserialize<JsonElement>(QueryPlanner.Plan(SqlQuery.Parse(query, values), values, definition, hasKey));
    }

    // White space doesn't count; where the library writes 0, 1 or "" the wire has false, true and null.
    private static string Describe(JsonElement plan)
    {
        JsonElement info = plan.GetProperty("queryInfo");
        var text = new StringBuilder();
        foreach (JsonProperty property in info.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
        {
            string value = property.Name switch
            {
                "requiresExtendedQueryPlan" => "", // Of the library only; the wire has no such member.
                "rewrittenQuery" or "orderByExpressions" or "groupByExpressions" => string.Concat(Strip(property.Value).Where(c => !char.IsWhiteSpace(c))),
                "hasSelectValue" or "hasNonStreamingOrderBy" => property.Value.ToString() is "1" or "True" ? "true" : "",
                "groupByAliasToAggregateType" => SqlRunner.Canonical(property.Value.GetRawText()).Replace("\"\"", "null", StringComparison.Ordinal),
                _ => property.Value.GetRawText(),
            };
            if (value is not ("" or "null" or "[]" or "{}"))
            {
                text.Append(property.Name).Append(": ").AppendLine(value);
            }
        }

        return text.ToString();
    }

    private static string Strip(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString() ?? ""
        : string.Join(";", value.EnumerateArray().Select(Strip)) is { Length: > 0 } list ? list : "[]";

    private static string Ranges(JsonElement plan) => string.Join(" ", plan.GetProperty("queryRanges").EnumerateArray().Select(range =>
        $"{range.GetProperty("min").GetString()}-{range.GetProperty("max").GetString()}{(range.GetProperty("isMaxInclusive").GetBoolean() ? "]" : ")")}"));

    // The library gives keys, not hashes: a full key is a point, a prefix a range, no key at all the lower end.
    private static string NativeRanges(JsonElement plan, int paths) => string.Join(" ", plan.GetProperty("queryRanges").EnumerateArray()
        .Select(range => NativeRange(range, paths)).Distinct().Order(StringComparer.Ordinal));

    private static string NativeRange(JsonElement range, int paths)
    {
        JsonElement max = range.GetProperty("max");
        if (max.ValueKind == JsonValueKind.String)
        {
            return "-FF)";
        }

        PartitionKeyComponent[] key = [.. max.EnumerateArray().Select(PartitionKeyComponent.From)];
        string hash = key.Length == 0 ? "" : EffectivePartitionKey.Compute(key, paths > 1);
        return key.Length is 0 || key.Length == paths ? $"{hash}-{hash}]" : $"{hash}-{hash}FF)";
    }
}
