using System.Text.Json.Nodes;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>No key opens anything, and with private networking nothing but the HTTP functions answers from outside.</summary>
public sealed class SecurityTests(DefaultDeployment standard, ProductionDeployment production)
{
    [Fact]
    public void Keys_of_cosmos_db_storage_and_telemetry_are_off()
    {
        foreach (Deployment deployment in (Deployment[])[standard, production])
        {
            Assert.True((bool)deployment.Single("Microsoft.DocumentDB/databaseAccounts")["disableLocalAuth"]!);
            Assert.False((bool)deployment.Single("Microsoft.Storage/storageAccounts")["allowSharedKeyAccess"]!);
            Assert.True((bool)deployment.Single("Microsoft.Insights/components")["DisableLocalAuth"]!);
            Assert.DoesNotContain("listKeys", deployment.AsText(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Publishing_with_a_password_is_off()
    {
        var policies = standard.Find("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
        Assert.Equal(["ftp", "scm"], policies.Keys.Order());
        Assert.All(policies.Values, p => Assert.False((bool)p["allow"]!));
    }

    [Fact]
    public void The_app_settings_hold_addresses_and_names_only()
    {
        foreach ((string name, string value) in standard.AppSettings())
        {
            Assert.DoesNotContain("AccountKey=", value, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("SharedAccess", value, StringComparison.OrdinalIgnoreCase);
            Assert.False(name is "AzureWebJobsStorage" or "CosmosDB", $"{name} is a connection string.");
        }
    }

    [Fact]
    public void Events_are_written_in_one_region_only() =>
        Assert.False((bool)production.Single("Microsoft.DocumentDB/databaseAccounts")["enableMultipleWriteLocations"]!);

    [Fact]
    public void Private_networking_closes_the_public_endpoints()
    {
        Assert.Equal("Disabled", (string)production.Single("Microsoft.DocumentDB/databaseAccounts")["publicNetworkAccess"]!);
        Assert.Equal("Disabled", (string)production.Single("Microsoft.Storage/storageAccounts")["publicNetworkAccess"]!);
        string[] groups =
        [
            .. production.Find("Microsoft.Network/privateEndpoints").Values
                .Select(e => (string)e["privateLinkServiceConnections"]![0]!["properties"]!["groupIds"]![0]!).Order(),
        ];
        Assert.Equal(["Sql", "blob", "table"], groups.Order(StringComparer.Ordinal));
        Assert.NotNull(production.Single("Microsoft.Web/sites")["virtualNetworkSubnetId"]);
    }

    [Fact]
    public void Without_private_networking_there_is_no_network_to_pay_for()
    {
        Assert.Empty(standard.Find("Microsoft.Network/virtualNetworks"));
        Assert.Empty(standard.Find("Microsoft.Network/privateEndpoints"));
    }

    [Fact]
    public void A_lock_keeps_the_events_in_production()
    {
        JsonNode deletionLock = production.Single("Microsoft.Authorization/locks");
        Assert.Equal("CanNotDelete", (string)deletionLock["level"]!);
        Assert.Empty(standard.Find("Microsoft.Authorization/locks"));
    }
}
