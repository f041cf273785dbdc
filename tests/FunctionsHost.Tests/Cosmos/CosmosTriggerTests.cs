using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Serverless.FunctionsHost.Cosmos;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;

namespace Serverless.FunctionsHost.Tests.Cosmos;

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
            On("%Db%", "%Db%-%What%") with { LeaseContainerName = "l-%What%", LeaseDatabaseName = "%LeaseDb%", LeaseContainerPrefix = "%Consumer:Name%-v2" },
            ("CosmosDB", Account("one")), ("Db", "bank"), ("What", "events"), ("LeaseDb", "other"), ("Consumer:Name", "totals"));
        Assert.Equal(("bank", "bank-events"), (trigger.Monitored.Database.Id, trigger.Monitored.Id));
        Assert.Equal(("other", "l-events"), (trigger.Leases.Database.Id, trigger.Leases.Id));
        Assert.Equal("totals-v2", trigger.ProcessorName);
    }

    [Fact]
    public void Leases_are_by_default_in_leases_of_the_same_database_without_a_prefix()
    {
        CosmosTrigger trigger = Resolve(On("bank", "events"), ("CosmosDB", Account("one")));
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
        CosmosTrigger trigger = Resolve(On("bank", "events") with { Connection = connection }, (setting, value));
        Assert.Equal("one.example", trigger.Monitored.Database.Client.Endpoint.Host);
        Assert.Equal(ConnectionMode.Gateway, trigger.Monitored.Database.Client.ClientOptions.ConnectionMode);
    }

    [Fact]
    public void Leases_may_be_in_another_account()
    {
        CosmosTrigger trigger = Resolve(
            On("bank", "events") with { Connection = "One", LeaseConnection = "Two" }, ("One", Account("one")), ("Two", Account("two")));
        Assert.Equal("two.example", trigger.Leases.Database.Client.Endpoint.Host);
    }

    [Fact]
    public void Regions_and_connection_mode_reach_the_client()
    {
        CosmosTrigger trigger = Resolve(
            On("bank", "events") with { PreferredLocations = "East US, North Europe" },
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
        Assert.Null(Start(On("bank", "events")));
        Assert.Equal(DateTime.MinValue, Start(On("bank", "events") with { StartFromBeginning = true }));
        DateTime? instant = Start(On("bank", "events") with { StartFromTime = "2021-02-16T15:19:29+01:00" });
        Assert.Equal((new DateTime(2021, 2, 16, 14, 19, 29), DateTimeKind.Utc), (instant!.Value, instant.Value.Kind));

        DateTime? Start(FunctionTrigger.Cosmos binding) => Resolve(binding, ("CosmosDB", Account("one"))).StartTime;
    }

    [Fact]
    public void What_can_t_be_resolved_is_named()
    {
        Refuse(On("bank", "events") with { Connection = "Missing" }, "The Cosmos DB connection 'Missing' is not configured");
        Refuse(On("%Nowhere%", "events"), "there is no setting 'Nowhere'");
        Refuse(On("bank", "events") with { LeaseContainerPrefix = "%Nowhere%" }, "there is no setting 'Nowhere'");
        Refuse(On("bank", "events") with { LeaseContainerName = "EVENTS" }, "can't hold its own leases");
        Refuse(
            On("bank", "events") with { StartFromBeginning = true, StartFromTime = "2021-02-16T14:19:29Z" }, "Only one of StartFromBeginning and StartFromTime");
        Refuse(On("bank", "events") with { StartFromTime = "yesterday" }, "StartFromTime is 'yesterday'");

        void Refuse(FunctionTrigger.Cosmos binding, string fault)
        {
            InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => Resolve(binding, ("CosmosDB", Account("one"))));
            Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
        }
    }

    private static FunctionTrigger.Cosmos On(string database, string container) =>
        new() { Name = "changes", Type = "cosmosDBTrigger", DatabaseName = database, ContainerName = container };

    private static string Account(string name) => $"AccountEndpoint=https://{name}.example:443/;AccountKey={Key}";

    private CosmosTrigger Resolve(FunctionTrigger.Cosmos binding, params (string Name, string Value)[] settings) =>
        Resolve(binding, new HostJson(), settings);

    private CosmosTrigger Resolve(FunctionTrigger.Cosmos binding, HostJson host, params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
        var clients = new ConfiguredCosmosClients(configuration, host);
        created.Add(clients);
        return CosmosTrigger.Resolve(binding, configuration, clients);
    }
}
