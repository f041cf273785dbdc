using System.Text.Json.Nodes;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>Whoever has the workflow has one resource group, and not the subscription.</summary>
public sealed class DeployerTests(DeployerDeployment deployer, ProductionDeployment production)
{
    private const string AssignmentType = "Microsoft.Authorization/roleAssignments";
    private const string RoleType = "Microsoft.Authorization/roleDefinitions";
    private const string Contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";
    private const string AccessAdministrator = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";

    [Fact]
    public void Every_right_but_that_of_starting_a_deployment_ends_at_the_resource_group()
    {
        JsonNode starter = Assert.Single(deployer.Resources(AssignmentType), r => !InGroup(r));
        JsonNode role = Assert.Single(deployer.Resources(RoleType), r => !InGroup(r));

        Assert.Contains((string)role["name"]!, (string)starter["properties"]!["roleDefinitionId"]!, StringComparison.Ordinal);
        Assert.Equal(
            ["Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read", "Microsoft.Resources/subscriptions/resourceGroups/write"],
            Actions(role));
        Assert.All(deployer.Resources(RoleType).Where(InGroup), r => Assert.EndsWith("/resourceGroups/rg-prod", (string)r["properties"]!["assignableScopes"]![0]!, StringComparison.Ordinal));
    }

    [Fact]
    public void The_group_is_the_one_that_is_deployed_to() =>
        Assert.Equal(
            (string?)Assert.Single(production.Resources("Microsoft.Resources/resourceGroups"))["name"],
            (string?)Assert.Single(deployer.Resources("Microsoft.Resources/resourceGroups"))["name"]);

    [Fact]
    public void The_workflow_can_assign_the_roles_of_the_template_and_no_other()
    {
        string[] assigned =
        [
            .. production.Resources(AssignmentType).Select(r => ((string)r["properties"]!["roleDefinitionId"]!).Split('/')[^1].Split('\'')[0]).Distinct().Order(StringComparer.Ordinal),
        ];
        string condition = (string)Assignment(AccessAdministrator)["properties"]!["condition"]!;

        foreach (string list in condition.Split("GuidEquals {").Skip(1).Select(part => part.Split('}')[0]))
        {
            Assert.Equal(assigned, list.Split(", ").Order(StringComparer.Ordinal));
        }
        Assert.Contains("@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'", condition, StringComparison.Ordinal);
        Assert.Equal(DeployerDeployment.Deployer, (string?)Assignment(Contributor)["properties"]!["principalId"]);
    }

    [Fact]
    public void The_tests_after_a_deployment_can_read_function_keys_and_nothing_else()
    {
        JsonNode assignment = Assert.Single(deployer.Resources(AssignmentType), r => (string?)r["properties"]!["principalId"] == DeployerDeployment.Tester);
        string role = ((string)assignment["properties"]!["roleDefinitionId"]!).Split('/')[^1].Split('\'')[0];

        Assert.True(InGroup(assignment));
        Assert.Equal(
            ["Microsoft.Web/sites/read", "Microsoft.Web/sites/host/listkeys/action"],
            Actions(deployer.Resources(RoleType).Single(r => (string?)r["name"] == role)));
    }

    private JsonNode Assignment(string role) =>
        Assert.Single(deployer.Resources(AssignmentType).Where(InGroup), r => ((string)r["properties"]!["roleDefinitionId"]!).Contains(role, StringComparison.Ordinal));

    private static bool InGroup(JsonNode resource) => ((string)resource["id"]!).Contains("/resourceGroups/rg-prod/", StringComparison.Ordinal);

    private static string[] Actions(JsonNode role) => [.. role["properties"]!["permissions"]![0]!["actions"]!.AsArray().Select(a => (string)a!)];
}
