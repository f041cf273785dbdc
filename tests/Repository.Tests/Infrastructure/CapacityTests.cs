using System.Text.Json.Nodes;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>What the database may cost: nothing is provisioned in serverless mode, and ceilings are where they were asked for.</summary>
public sealed class CapacityTests(DefaultDeployment serverless, ProductionDeployment autoscale)
{
    private const string AccountType = "Microsoft.DocumentDB/databaseAccounts";
    private const string DatabaseType = AccountType + "/sqlDatabases";
    private const string ContainerType = DatabaseType + "/containers";

    [Fact]
    public void A_serverless_account_says_so_and_provisions_nothing()
    {
        Assert.Equal("EnableServerless", (string)Assert.Single(serverless.Single(AccountType)["capabilities"]!.AsArray())!["name"]!);
        Assert.Null(CeilingOf(serverless.Single(DatabaseType)));
        Assert.All(serverless.Find(ContainerType).Values, container => Assert.Null(CeilingOf(container)));
    }

    [Fact]
    public void An_autoscale_account_shares_one_ceiling_but_for_containers_with_their_own()
    {
        Assert.Empty(autoscale.Single(AccountType)["capabilities"]!.AsArray());
        Assert.Equal(4_000, CeilingOf(autoscale.Single(DatabaseType)));
        foreach ((string name, JsonNode container) in autoscale.Find(ContainerType))
        {
            Assert.Equal(name == "events" ? 10_000 : null, CeilingOf(container));
        }
    }

    [Fact]
    public async Task A_converted_account_keeps_the_throughput_that_it_has()
    {
        // The conversion gives every container a throughput of its own: a limit that containers share can't come afterwards.
        IReadOnlyList<JsonNode> resources = await Bicep.PredictAsync(
            "main.bicepparam", new Dictionary<string, string> { ["CAPACITY_MODE"] = "converted" }, TestContext.Current.CancellationToken);

        Assert.Empty(resources.Single(r => (string?)r["type"] == AccountType)["properties"]!["capabilities"]!.AsArray());
        Assert.All(
            resources.Where(r => (string?)r["type"] is DatabaseType or ContainerType),
            r => Assert.Empty(r["properties"]!["options"]!.AsObject()));
    }

    [Fact]
    public async Task A_mode_that_there_is_not_is_refused() => Assert.Contains(
        "It can be serverless, autoscale or converted.",
        await Bicep.RefuseAsync("main.bicepparam", new Dictionary<string, string> { ["CAPACITY_MODE"] = "free" }, TestContext.Current.CancellationToken),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_restored_account_can_take_the_place_of_a_new_one()
    {
        IReadOnlyList<JsonNode> resources = await Bicep.PredictAsync(
            "main.bicepparam", new Dictionary<string, string> { ["EXISTING_COSMOS_ACCOUNT"] = "cosmos-restored" }, TestContext.Current.CancellationToken);

        Assert.Equal("cosmos-restored", (string?)resources.Single(r => (string?)r["type"] == AccountType)["name"]);
        Assert.All(
            resources.Where(r => (string?)r["type"] is DatabaseType or ContainerType or AccountType + "/sqlRoleAssignments"),
            r => Assert.StartsWith("cosmos-restored/", (string?)r["name"], StringComparison.Ordinal));
    }

    [Fact]
    public void The_events_can_be_restored_to_any_second()
    {
        JsonNode policy = serverless.Single(AccountType)["backupPolicy"]!;
        Assert.Equal("Continuous", (string)policy["type"]!);
        Assert.Equal("Continuous7Days", (string)policy["continuousModeProperties"]!["tier"]!);
        Assert.Equal("Continuous30Days", (string)autoscale.Single(AccountType)["backupPolicy"]!["continuousModeProperties"]!["tier"]!);
    }

    [Fact]
    public void A_budget_warns_the_people_who_get_the_alerts()
    {
        JsonNode budget = autoscale.Single("Microsoft.Consumption/budgets");
        Assert.Equal(500, (int)budget["amount"]!);
        Assert.All(
            budget["notifications"]!.AsObject(),
            notification => Assert.Equal(["team@example.com"], notification.Value!["contactEmails"]!.AsArray().Select(e => (string)e!)));
        Assert.Empty(serverless.Find("Microsoft.Consumption/budgets"));
    }

    [Fact]
    public void The_start_of_a_budget_does_not_expire()
    {
        // Azure takes no month that has passed for a new budget, and no other month for one that exists.
        Assert.Equal("[utcNow('yyyy-MM-01')]", (string)autoscale.Single("Microsoft.Consumption/budgets")["timePeriod"]!["startDate"]!);
        Assert.Contains("@onlyIfNotExists()\nresource spending", File.ReadAllText(RepositoryFiles.At("infra/modules/budget.bicep")), StringComparison.Ordinal);
        // So the amount is a part of the name, or a changed one would never be deployed.
        Assert.Equal("budget-prod-500", Assert.Single(autoscale.Find("Microsoft.Consumption/budgets")).Key);
    }

    private static int? CeilingOf(JsonNode properties) => (int?)properties["options"]?["autoscaleSettings"]?["maxThroughput"];
}
