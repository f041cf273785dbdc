using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>Nobody edits a file to deploy to production, and nobody deploys to production without alerts by mistake.</summary>
public sealed partial class SwitchTests
{
    private static readonly string Readme = File.ReadAllText(RepositoryFiles.At("infra/README.md"));

    [Fact]
    public async Task Production_without_somebody_to_alert_is_refused() => Assert.Contains(
        "A production environment needs somebody to alert.",
        await Bicep.RefuseAsync("main.bicepparam", new Dictionary<string, string> { ["AZURE_ENV_NAME"] = "prod" }, TestContext.Current.CancellationToken),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_switch_wins_over_the_name_of_the_environment()
    {
        IReadOnlyList<JsonNode> resources = await Bicep.PredictAsync(
            "main.bicepparam",
            new Dictionary<string, string> { ["AZURE_ENV_NAME"] = "prod", ["ALERT_EMAILS"] = "a@example.com, b@example.com", ["ZONE_REDUNDANT"] = "false", ["LOCK_EVENTS"] = "false" },
            TestContext.Current.CancellationToken);

        Assert.DoesNotContain(resources, r => (string?)r["type"] == "Microsoft.Authorization/locks");
        Assert.False((bool)resources.Single(r => (string?)r["type"] == "Microsoft.Web/serverfarms")["properties"]!["zoneRedundant"]!);
        Assert.Equal(
            ["a@example.com", "b@example.com"],
            resources.Single(r => (string?)r["type"] == "Microsoft.Insights/actionGroups")["properties"]!["emailReceivers"]!.AsArray().Select(e => (string)e!["emailAddress"]!));
    }

    [Fact]
    public async Task An_empty_switch_is_one_that_is_not_set()
    {
        // GitHub passes a variable that an environment does not have as empty.
        IReadOnlyDictionary<string, string> empty = ParameterFile.Switches.ToDictionary(s => s, _ => "");
        IReadOnlyList<JsonNode> resources = await Bicep.PredictAsync("main.bicepparam", empty, TestContext.Current.CancellationToken);

        Assert.Contains(resources, r => (string?)r["name"] == "rg-dev");
    }

    [Fact]
    public void Every_switch_can_be_set_in_a_workflow_and_is_explained()
    {
        string workflow = File.ReadAllText(RepositoryFiles.At(".github/workflows/deploy.yml"));
        string[] explained = [.. Row().Matches(Readme).Select(m => m.Groups[1].Value)];

        Assert.Equal(ParameterFile.Switches.Order(), explained.Order());
        Assert.All(ParameterFile.Switches.Except(["AZURE_ENV_NAME"]), s => Assert.Contains($"{s}: ${{{{ vars.{s} }}}}", workflow, StringComparison.Ordinal));
    }

    [Fact]
    public void No_rule_of_the_linter_stops_a_deployment()
    {
        // An API version gets old by itself: what is an error here stops a deployment some day. In .ci/lib/infra.sh a warning is one.
        JsonObject rules = JsonNode.Parse(File.ReadAllText(RepositoryFiles.At("infra/bicepconfig.json")))!["analyzers"]!["core"]!["rules"]!.AsObject();

        Assert.True(rules.Count > 20);
        Assert.All(rules, rule => Assert.Equal("warning", (string?)rule.Value!["level"]));
    }

    [Fact]
    public void The_provider_of_private_networking_is_registered_before_it_is_needed()
    {
        string azd = File.ReadAllText(RepositoryFiles.At("azure.yaml"));
        const string Command = "az provider register --namespace Microsoft.App";

        Assert.Equal(2, Regex.Count(azd, $"run: {Command} --wait\n      continueOnError: true\n")); // One for each shell.
        Assert.Contains("  preprovision:\n", azd, StringComparison.Ordinal);
        Assert.Contains(Command, Readme, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| `([A-Z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
