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
        ["AppMetrics"] = ["TimeGenerated", "Name", "Properties", "Max"],
        ["AppRequests"] = ["TimeGenerated", "Success", "ResultCode", "ItemCount"],
        ["CDBPartitionKeyStatistics"] = ["TimeGenerated", "CollectionName", "PartitionKey", "SizeKb"],
    };

    private static readonly string[] Words = ["where", "project", "extend", "and", "not", "startswith", "tostring", "false"];

    private static readonly string[] AlertTypes = ["Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules"];

    [Fact]
    public void Every_alarm_is_explained_and_every_explained_one_is_deployed()
    {
        string[] explained = [.. File.ReadLines(RepositoryFiles.At(Guide)).Select(l => AlarmRow().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value)];

        Assert.Equal(7, explained.Length);
        Assert.Equal(explained.Order(), Alerts(production).Select(a => explained.FirstOrDefault(e => a.Key.StartsWith(e + "-", StringComparison.Ordinal)) ?? a.Key).Order());
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

        Assert.Equal(3, queries.Length);
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
        JsonNode failures = Alerts(production).Single(a => a.Key.StartsWith("alert-failures-", StringComparison.Ordinal)).Value;

        // The metric requests/failed would count every 401, 404 and 422.
        Assert.DoesNotContain(Alerts(production), a => a.Value.ToJsonString().Contains("requests/failed", StringComparison.Ordinal));
        Assert.Contains("Success == false and not(ResultCode startswith '4')", (string)failures["criteria"]!["allOf"]![0]!["query"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hot_partition_is_not_hidden_by_the_average_of_all()
    {
        JsonNode hot = Alerts(production).Single(a => a.Key.StartsWith("alert-hot-partition-", StringComparison.Ordinal)).Value;

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

    private static IEnumerable<KeyValuePair<string, JsonNode>> Alerts(Deployment deployment) => AlertTypes.SelectMany(deployment.Find);

    [GeneratedRegex(@"^\| `(alert-[a-z-]+)` \|")]
    private static partial Regex AlarmRow();

    [GeneratedRegex("Name == '([a-z_.]+)'")]
    private static partial Regex AskedMetric();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Literal();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Identifier();

    [GeneratedRegex("([A-Za-z]+) = ")]
    private static partial Regex Assigned();
}
