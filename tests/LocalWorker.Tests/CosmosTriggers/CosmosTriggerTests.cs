using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Serverless.LocalWorker.CosmosTriggers;
using Serverless.LocalWorker.Hosting;

namespace Serverless.LocalWorker.Tests.CosmosTriggers;

/// <summary>How attribute and settings become containers. No client here ever sends anything.</summary>
public sealed class CosmosTriggerTests : IDisposable
{
    private static readonly string Key = Convert.ToBase64String(new byte[64]);

    private readonly List<ConfiguredCosmosClients> created = [];

    public void Dispose() => created.ForEach(clients => clients.Dispose());

    [Fact]
    public void Names_and_prefix_are_filled_from_settings()
    {
        CosmosTrigger trigger = Resolve(
            new CosmosDBTriggerAttribute("%Db%", "%Db%-%What%") { LeaseContainerName = "l-%What%", LeaseDatabaseName = "%LeaseDb%", LeaseContainerPrefix = "%Consumer:Name%-v2" },
            ("CosmosDB", Account("one")), ("Db", "bank"), ("What", "events"), ("LeaseDb", "other"), ("Consumer:Name", "totals"));
        Assert.Equal(("bank", "bank-events"), (trigger.Monitored.Database.Id, trigger.Monitored.Id));
        Assert.Equal(("other", "l-events"), (trigger.Leases.Database.Id, trigger.Leases.Id));
        Assert.Equal("totals-v2", trigger.ProcessorName);
    }

    [Fact]
    public void Leases_are_by_default_in_leases_of_the_same_database_without_a_prefix()
    {
        CosmosTrigger trigger = Resolve(new CosmosDBTriggerAttribute("bank", "events"), ("CosmosDB", Account("one")));
        Assert.Equal(("bank", "leases", ""), (trigger.Leases.Database.Id, trigger.Leases.Id, trigger.ProcessorName));
        Assert.Same(trigger.Monitored.Database.Client, trigger.Leases.Database.Client);
    }

    [Theory]
    [InlineData("CosmosDB", null)] // The extension's default name.
    [InlineData("Bank", "Bank")]
    [InlineData("AzureWebJobsBank", "Bank")]
    [InlineData("ConnectionStrings:Bank", "Bank")]
    [InlineData("ConnectionStrings:AzureWebJobsBank", "Bank")]
    [InlineData("Bank:accountEndpoint", "Bank")]
    public void A_connection_is_found_under_each_name_that_the_extension_knows(string setting, string? connection)
    {
        string value = setting.EndsWith("accountEndpoint", StringComparison.Ordinal) ? "https://one.example:443/" : Account("one");
        CosmosTrigger trigger = Resolve(new CosmosDBTriggerAttribute("bank", "events") { Connection = connection }, (setting, value));
        Assert.Equal("one.example", trigger.Monitored.Database.Client.Endpoint.Host);
        Assert.Equal(ConnectionMode.Gateway, trigger.Monitored.Database.Client.ClientOptions.ConnectionMode);
    }

    [Fact]
    public void Leases_may_be_in_another_account()
    {
        CosmosTrigger trigger = Resolve(
            new CosmosDBTriggerAttribute("bank", "events") { Connection = "One", LeaseConnection = "Two" }, ("One", Account("one")), ("Two", Account("two")));
        Assert.Equal("two.example", trigger.Leases.Database.Client.Endpoint.Host);
    }

    [Fact]
    public void Regions_and_connection_mode_reach_the_client()
    {
        CosmosTrigger trigger = Resolve(
            new CosmosDBTriggerAttribute("bank", "events") { PreferredLocations = "East US, North Europe" },
            new HostJson { CosmosConnectionMode = "direct", CosmosUserAgentSuffix = "-bank" },
            ("CosmosDB", Account("one")));
        CosmosClientOptions options = trigger.Monitored.Database.Client.ClientOptions;
        Assert.Equal(["East US", "North Europe"], options.ApplicationPreferredRegions);
        Assert.Equal(ConnectionMode.Direct, options.ConnectionMode);
        Assert.Equal("CosmosDBTriggerFunctions-bank", options.ApplicationName);
    }

    [Fact]
    public void A_start_is_the_beginning_or_an_instant_or_unset()
    {
        Assert.Null(Start(new CosmosDBTriggerAttribute("bank", "events")));
        Assert.Equal(DateTime.MinValue, Start(new CosmosDBTriggerAttribute("bank", "events") { StartFromBeginning = true }));
        DateTime? instant = Start(new CosmosDBTriggerAttribute("bank", "events") { StartFromTime = "2021-02-16T15:19:29+01:00" });
        Assert.Equal((new DateTime(2021, 2, 16, 14, 19, 29), DateTimeKind.Utc), (instant!.Value, instant.Value.Kind));

        DateTime? Start(CosmosDBTriggerAttribute attribute) => Resolve(attribute, ("CosmosDB", Account("one"))).StartTime;
    }

    public static TheoryData<CosmosDBTriggerAttribute, string> Faulty => new()
    {
        { new("bank", "events") { Connection = "Missing" }, "The Cosmos DB connection 'Missing' is not configured" },
        { new("%Nowhere%", "events"), "there is no setting 'Nowhere'" },
        { new("bank", "events") { LeaseContainerPrefix = "%Nowhere%" }, "there is no setting 'Nowhere'" },
        { new("bank", "events") { LeaseContainerName = "EVENTS" }, "can't hold its own leases" },
        { new("bank", "events") { StartFromBeginning = true, StartFromTime = "2021-02-16T14:19:29Z" }, "Only one of StartFromBeginning and StartFromTime" },
        { new("bank", "events") { StartFromTime = "yesterday" }, "StartFromTime is 'yesterday'" },
    };

    [Theory]
    [MemberData(nameof(Faulty), DisableDiscoveryEnumeration = true)]
    public void What_can_t_be_resolved_is_named(CosmosDBTriggerAttribute attribute, string fault)
    {
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => Resolve(attribute, ("CosmosDB", Account("one"))));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    private static string Account(string name) => $"AccountEndpoint=https://{name}.example:443/;AccountKey={Key}";

    private CosmosTrigger Resolve(CosmosDBTriggerAttribute attribute, params (string Name, string Value)[] settings) =>
        Resolve(attribute, new HostJson(), settings);

    private CosmosTrigger Resolve(CosmosDBTriggerAttribute attribute, HostJson host, params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
        var clients = new ConfiguredCosmosClients(configuration, host);
        created.Add(clients);
        return CosmosTrigger.Resolve(attribute, configuration, clients);
    }
}
