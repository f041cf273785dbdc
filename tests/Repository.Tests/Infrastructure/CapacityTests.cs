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
    public void The_events_can_be_restored_to_any_second()
    {
        JsonNode policy = serverless.Single(AccountType)["backupPolicy"]!;
        Assert.Equal("Continuous", (string)policy["type"]!);
        Assert.Equal("Continuous7Days", (string)policy["continuousModeProperties"]!["tier"]!);
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

    private static int? CeilingOf(JsonNode properties) => (int?)properties["options"]?["autoscaleSettings"]?["maxThroughput"];
}
