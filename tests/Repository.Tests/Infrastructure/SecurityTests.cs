using System.Text.Json.Nodes;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.History;
using Serverless.Functions.Http;

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
            Assert.True((bool)deployment.Single("Microsoft.OperationalInsights/workspaces")["features"]!["disableLocalAuth"]!);
            Assert.DoesNotContain("listKeys", deployment.AsText(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Nothing_is_spoken_but_TLS_from_1_2_on()
    {
        JsonNode app = standard.Single("Microsoft.Web/sites");
        JsonNode storage = standard.Single("Microsoft.Storage/storageAccounts");
        Assert.True((bool)app["httpsOnly"]!);
        Assert.Equal("1.2", (string)app["siteConfig"]!["minTlsVersion"]!);
        Assert.Equal("1.2", (string)app["siteConfig"]!["scmMinTlsVersion"]!);
        Assert.Equal("Disabled", (string)app["siteConfig"]!["ftpsState"]!);
        Assert.Equal("Tls12", (string)standard.Single("Microsoft.DocumentDB/databaseAccounts")["minimalTlsVersion"]!);
        Assert.Equal("TLS1_2", (string)storage["minimumTlsVersion"]!);
        Assert.True((bool)storage["supportsHttpsTrafficOnly"]!);
    }

    [Fact]
    public void The_app_has_the_roles_that_it_needs_and_no_other()
    {
        // Each is on one resource: none reaches the resource group or beyond.
        Assert.Equal(
            [
                "components: 3913510d-42f4-4e42-8a64-420c390055eb", // Monitoring Metrics Publisher.
                "storageAccounts: 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor.
                "storageAccounts: b7e6dc6d-f1e8-4753-8033-0f276bb0955b", // Storage Blob Data Owner.
                "vaults: 4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User.
            ],
            standard.Resources("Microsoft.Authorization/roleAssignments")
                .Select(r => $"{ScopeOf(r)}: {RoleOf(r)}").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["00000000-0000-0000-0000-000000000002"], // Cosmos DB Built-in Data Contributor: items, and no containers.
            standard.Resources("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments").Select(RoleOf));
    }

    [Fact]
    public void The_host_takes_no_body_much_larger_than_the_functions_do()
    {
        long limit = long.Parse(standard.AppSettings()["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"], System.Globalization.CultureInfo.InvariantCulture);

        // Some more than the limit, so that what is a little too large gets an answer that says so.
        Assert.Equal(2 * Math.Max(HttpLimits.MaxImportBytes, HttpLimits.MaxBodyBytes), limit);
    }

    [Fact]
    public void Nothing_at_the_address_tells_what_runs_there() =>
        Assert.Equal("true", standard.AppSettings()["AzureWebJobsDisableHomepage"]);

    [Fact]
    public void The_database_the_storage_and_the_app_report_to_the_workspace()
    {
        foreach (Deployment deployment in (Deployment[])[standard, production])
        {
            Assert.Equal(
                ["databaseAccounts", "sites", "storageAccounts"],
                deployment.Resources("Microsoft.Insights/diagnosticSettings").Select(ScopeOf).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_resource_that_can_have_tags_says_what_it_belongs_to()
    {
        string[] untagged =
        [
            .. production.All.Where(r => r["location"] is not null && (string?)r["tags"]?["azd-env-name"] != "prod").Select(r => $"{r["type"]} {r["name"]}"),
        ];
        Assert.Empty(untagged);
        // The name that azd knows it by.
        string project = File.ReadLines(RepositoryFiles.At("azure.yaml")).Single(l => l.StartsWith("name: ", StringComparison.Ordinal))["name: ".Length..];
        Assert.All(production.All.Where(r => r["tags"] is not null), r => Assert.Equal(project, (string?)r["tags"]!["project"]));
    }

    [Fact]
    public void Publishing_with_a_password_is_off()
    {
        var policies = standard.Find("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
        Assert.Equal(["ftp", "scm"], policies.Keys.Order());
        Assert.All(policies.Values, p => Assert.False((bool)p["allow"]!));
    }

    [Fact]
    public void Management_is_closed_and_imports_are_off_until_a_switch_says_otherwise()
    {
        IReadOnlyDictionary<string, string> settings = standard.AppSettings();
        Assert.DoesNotContain(settings.Keys, k => k.StartsWith("Roles__", StringComparison.Ordinal));
        Assert.Equal("False", settings[ImportFunctions.Setting], ignoreCase: true);

        settings = production.AppSettings();
        Assert.Equal(
            ["Roles__manage__operate=operator", "Roles__manage__read=operator,key:dashboard", "Roles__manage__store=key:restore", "Roles__views=teller"],
            settings.Where(s => s.Key.StartsWith("Roles__", StringComparison.Ordinal)).Select(s => $"{s.Key}={s.Value}").Order(StringComparer.Ordinal));
        Assert.Equal("True", settings[ImportFunctions.Setting], ignoreCase: true);
        // As the app reads them.
        Assert.All(Enum.GetValues<ManagementRight>(), r => Assert.Contains(RoleRules.SettingOf(r).Replace(":", "__", StringComparison.Ordinal), settings));
    }

    [Fact]
    public void The_key_of_the_inbox_is_made_once_in_a_vault_that_only_the_app_reads()
    {
        string vault = (string)Assert.Single(standard.Resources("Microsoft.KeyVault/vaults"))["name"]!;
        Assert.True((bool)standard.Single("Microsoft.KeyVault/vaults")["enableRbacAuthorization"]!);
        Assert.Equal("Disabled", (string?)production.Single("Microsoft.KeyVault/vaults")["publicNetworkAccess"]);

        Assert.Equal($"@Microsoft.KeyVault(VaultName={vault};SecretName=inbox-key)", standard.AppSettings()[Setting(InboxKeys.KeySetting)]);
        Assert.DoesNotContain(Setting(InboxKeys.SecondKeySetting), standard.AppSettings());
        Assert.EndsWith(";SecretName=inbox-key-2)", production.AppSettings()[Setting(InboxKeys.KeySetting)], StringComparison.Ordinal);
        Assert.EndsWith(";SecretName=inbox-key)", production.AppSettings()[Setting(InboxKeys.SecondKeySetting)], StringComparison.Ordinal);

        // A second deployment must not make another key: commands that wait would be forged.
        string template = File.ReadAllText(RepositoryFiles.At("infra/modules/key-vault.bicep"));
        Assert.Contains("@onlyIfNotExists()\n  resource inboxKey 'secrets'", template, StringComparison.Ordinal);
        Assert.Matches(@"@secure\(\)\n@description\([^\n]*\)\nparam newKey string", template);

        static string Setting(string name) => name.Replace(":", "__", StringComparison.Ordinal);
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
        Assert.Equal(["Sql", "blob", "table", "vault"], groups.Order(StringComparer.Ordinal));
        Assert.NotNull(production.Single("Microsoft.Web/sites")["virtualNetworkSubnetId"]);
    }

    [Fact]
    public void Without_private_networking_there_is_no_network_to_pay_for()
    {
        Assert.Empty(standard.Find("Microsoft.Network/virtualNetworks"));
        Assert.Empty(standard.Find("Microsoft.Network/privateEndpoints"));
    }

    [Fact]
    public void A_zone_that_fails_takes_none_of_database_storage_and_app_along()
    {
        Assert.True((bool)production.Single("Microsoft.DocumentDB/databaseAccounts")["locations"]![0]!["isZoneRedundant"]!);
        Assert.True((bool)production.Single("Microsoft.Web/serverfarms")["zoneRedundant"]!);
        Assert.Equal("Standard_ZRS", (string?)Assert.Single(production.Resources("Microsoft.Storage/storageAccounts"))["sku"]!["name"]);

        Assert.False((bool)standard.Single("Microsoft.DocumentDB/databaseAccounts")["locations"]![0]!["isZoneRedundant"]!);
        Assert.False((bool)standard.Single("Microsoft.Web/serverfarms")["zoneRedundant"]!);
        Assert.Equal("Standard_LRS", (string?)Assert.Single(standard.Resources("Microsoft.Storage/storageAccounts"))["sku"]!["name"]);
    }

    [Fact]
    public void A_lock_keeps_the_events_in_production()
    {
        JsonNode deletionLock = production.Single("Microsoft.Authorization/locks");
        Assert.Equal("CanNotDelete", (string)deletionLock["level"]!);
        Assert.Empty(standard.Find("Microsoft.Authorization/locks"));
    }

    /// <summary>The kind of resource that an extension of one is on.</summary>
    private static string ScopeOf(JsonNode resource) => ((string)resource["id"]!).Split("/providers/")[^2].Split('/')[1];

    private static string RoleOf(JsonNode assignment) => ((string)assignment["properties"]!["roleDefinitionId"]!).Split('/')[^1].Split('\'')[0];
}
