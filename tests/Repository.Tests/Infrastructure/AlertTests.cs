using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>Nobody is woken by an alarm that no page explains, nor waits for one that does not exist.</summary>
public sealed partial class AlertTests(DefaultDeployment quiet, ProductionDeployment production)
{
    private const string Guide = "docs/operations.md";

    /// <summary>What the queries use of the tables of a workspace, as the vendor's reference of Azure Monitor Logs names it.</summary>
    private static readonly Dictionary<string, string[]> Tables = new(StringComparer.Ordinal)
    {
        ["AppMetrics"] = ["TimeGenerated", "Name", "Properties", "Max", "Sum"],
        ["AppRequests"] = ["TimeGenerated", "Url", "Success", "ResultCode", "ItemCount"],
        ["_LogOperation"] = ["TimeGenerated", "Category", "Detail"],
        ["CDBPartitionKeyStatistics"] = ["TimeGenerated", "CollectionName", "PartitionKey", "SizeKb"],
    };

    private static readonly string[] Words =
        ["where", "project", "extend", "summarize", "by", "bin", "m", "and", "not", "startswith", "contains", "tostring", "false", "max", "sum", "sumif"];

    private static readonly string[] AlertTypes = ["Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules"];

    [Fact]
    public void Every_alarm_is_explained_and_every_explained_one_is_deployed()
    {
        string[] explained = [.. File.ReadLines(RepositoryFiles.At(Guide)).Select(l => AlarmRow().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value)];

        Assert.Equal(12, explained.Length);
        Assert.Equal(explained.Order(), Alerts(production).Select(a => explained.FirstOrDefault(e => a.Key.StartsWith(e + "-prod-", StringComparison.Ordinal)) ?? a.Key).Order());
    }

    [Fact]
    public void What_an_alarm_asks_for_is_a_metric_that_the_guide_lists()
    {
        string guide = File.ReadAllText(RepositoryFiles.At(Guide));
        string[] queries =
        [
            .. production.Find(AlertTypes[1]).Values
                .Select(p => (string)p["criteria"]!["allOf"]![0]!["query"]!)
                .Where(q => q.StartsWith("AppMetrics", StringComparison.Ordinal)),
        ];

        Assert.Equal(5, queries.Length);
        Assert.All(queries, q => Assert.Contains($"| `{AskedMetric().Match(q).Groups[1].Value}` |", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void Queries_ask_for_tables_and_columns_that_there_are()
    {
        foreach ((string name, JsonNode rule) in production.Find(AlertTypes[1]))
        {
            Assert.True((bool)rule["skipQueryValidation"]!, name); // A new workspace has no tables yet, and would refuse the rule.
            string query = Literal().Replace((string)rule["criteria"]!["allOf"]![0]!["query"]!, "");
            string[] own = [.. Assigned().Matches(query).Select(m => m.Groups[1].Value)];
            string table = query.Split(' ')[0];
            Assert.Empty(Identifier().Matches(query).Select(m => m.Value).Except([table, .. Tables[table], .. own, .. Words]).Select(w => $"{name}: {w}"));
        }
    }

    [Fact]
    public void What_clients_do_wrong_is_no_failure_of_ours()
    {
        // The metric requests/failed would count every 401, 404 and 422.
        Assert.DoesNotContain(Alerts(production), a => a.Value.ToJsonString().Contains("requests/failed", StringComparison.Ordinal));
        Assert.Contains("Url startswith 'http' and Success == false and not(ResultCode startswith '4')", QueryOf("failures"), StringComparison.Ordinal);
        Assert.Contains("sumif(ItemCount, Success == false and not(ResultCode startswith '4'))", QueryOf("failure-ratio"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_total_outage_is_seen_from_outside_and_by_its_silence()
    {
        JsonNode test = production.Single("Microsoft.Insights/webtests");
        JsonNode unavailable = Rule("unavailable");
        JsonNode silent = Rule("silent")["criteria"]!["allOf"]![0]!;

        Assert.EndsWith("/api/health", HealthOf(test), StringComparison.Ordinal);
        Assert.True((int)unavailable["criteria"]!["failedLocationCount"]! < test["Locations"]!.AsArray().Count);
        // No row at all is what it waits for, so nothing may be measured of a row; and the metric is not sampled, as requests are.
        Assert.Equal(("Count", "LessThan", 1), ((string?)silent["timeAggregation"], (string?)silent["operator"], (int)silent["threshold"]!));
        Assert.Null(silent["metricMeasureColumn"]);
        Assert.StartsWith("AppMetrics ", (string)silent["query"]!, StringComparison.Ordinal);
        // Where nothing calls the app, it scales to zero, and silence is as it should be.
        Assert.Empty(quiet.Resources("Microsoft.Insights/webtests"));
        Assert.DoesNotContain(Alerts(quiet), a => a.Key.StartsWith("alert-silent-", StringComparison.Ordinal) || a.Key.StartsWith("alert-unavailable-", StringComparison.Ordinal));
    }

    [Fact]
    public void Failures_of_consumers_are_counted_by_our_own_metric()
    {
        // Spans of the worker are internal: those of a change feed are no requests.
        Assert.Contains("'serverless.consumer.failures'", QueryOf("consumer-failures"), StringComparison.Ordinal);
        Assert.Equal(["Consumer"], Rule("consumer-failures")["criteria"]!["allOf"]![0]!["dimensions"]!.AsArray().Select(d => (string)d!["name"]!));
    }

    [Theory]
    [InlineData("lag")]
    [InlineData("stuck")]
    [InlineData("parked")]
    public void An_instance_that_knows_less_does_not_hide_what_another_one_sees(string rule)
    {
        Assert.Contains("summarize Value = max(Max) by bin(TimeGenerated, 5m), Consumer", QueryOf(rule), StringComparison.Ordinal);
        Assert.Equal("Minimum", (string)Rule(rule)["criteria"]!["allOf"]![0]!["timeAggregation"]!); // In every bin, so that a burst wakes nobody.
    }

    [Fact]
    public void The_limit_of_the_logs_is_told_before_it_hides_the_other_alerts() =>
        Assert.Contains("Detail contains 'OverQuota'", QueryOf("log-cap"), StringComparison.Ordinal);

    [Fact]
    public void A_hot_partition_is_not_hidden_by_the_average_of_all()
    {
        JsonNode hot = Rule("hot-partition");

        Assert.Equal(
            ["CollectionName *", "PartitionKeyRangeId *"],
            hot["criteria"]!["allOf"]![0]!["dimensions"]!.AsArray().Select(d => $"{d!["name"]} {d["values"]![0]}"));
    }

    [Fact]
    public void Alarms_go_to_the_people_who_are_named_and_to_nobody_otherwise()
    {
        Assert.All(production.Find(AlertTypes[1]).Values, a => Assert.Single(a["actions"]!["actionGroups"]!.AsArray()));
        Assert.All(production.Find(AlertTypes[0]).Values, a => Assert.Single(a["actions"]!.AsArray()));
        Assert.All(quiet.Find(AlertTypes[1]).Values, a => Assert.Empty(a["actions"]!.AsObject()));
    }

    private JsonNode Rule(string name) => Alerts(production).Single(a => a.Key.StartsWith($"alert-{name}-prod-", StringComparison.Ordinal)).Value;

    private string QueryOf(string name) => (string)Rule(name)["criteria"]!["allOf"]![0]!["query"]!;

    // Only Azure knows the host: what is left of the expression is its format.
    private static string HealthOf(JsonNode test) => ((string)test["Request"]!["RequestUrl"]!).Split('\'')[1];

    private static IEnumerable<KeyValuePair<string, JsonNode>> Alerts(Deployment deployment) => AlertTypes.SelectMany(deployment.Find);

    [GeneratedRegex(@"^\| `(alert-[a-z-]+)` \|")]
    private static partial Regex AlarmRow();

    [GeneratedRegex("Name == '([a-z_.]+)'")]
    private static partial Regex AskedMetric();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Literal();

    [GeneratedRegex("[A-Za-z_]+")]
    private static partial Regex Identifier();

    [GeneratedRegex("([A-Za-z]+) = ")]
    private static partial Regex Assigned();
}
