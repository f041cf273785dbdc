using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>Nobody is woken by an alarm that no page explains, nor waits for one that does not exist.</summary>
public sealed partial class AlertTests(DefaultDeployment quiet, ProductionDeployment production)
{
    private const string Guide = "docs/operations.md";

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
}
