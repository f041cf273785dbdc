using System.Collections.Concurrent;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Banking;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;
using Serverless.Functions.Projections;
using Serverless.FunctionsHost;

namespace Serverless.EndToEnd.Tests.Support;

/// <summary>
/// The whole system with a database of its own, as <see cref="LocalHost.LocalSystem"/> starts it, for tests that need another bounded
/// context, other settings, functions of their own, or a second host on the same database.
/// </summary>
internal sealed class ConsumerSystem : IAsyncDisposable
{
    public const string Key = "tests";

    private const string EverySecond = "* * * * * *";

    private static readonly Type[] OfTheSystem =
        [.. typeof(ServiceRegistration).Assembly.GetTypes().Where(t => t.GetMethods().Any(m => m.IsDefined(typeof(FunctionAttribute), inherit: false)))];

    private readonly string? data = TestCosmos.NewDataDirectory();
    private readonly EmbeddedCosmos cosmos;
    private readonly HttpMessageHandler handler;
    private readonly CosmosClient client;
    private readonly List<IHost> hosts = [];

    private ConsumerSystem(int partitions)
    {
        cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = partitions, DataDirectory = data });
        handler = cosmos.CreateHandler();
        client = new CosmosClient(cosmos.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(handler, disposeHandler: false),
        });
    }

    public EmbeddedCosmos Cosmos => cosmos;

    /// <summary>What the next host is deployed with, when it is not the bank.</summary>
    public Func<BoundedContext>? NewContext { get; set; }

    public Database Database => client.GetDatabase(CosmosSettings.DefaultDatabase);

    /// <summary>Accounts whose summary can't be made; a test puts them in and takes them out again.</summary>
    public ConcurrentDictionary<string, bool> BadAccounts { get; } = [];

    /// <summary>More services of the hosts that are started from here on.</summary>
    public Action<IServiceCollection>? Configure { get; set; }

    /// <summary>
    /// A test that says how many partitions there are is about their number. Skips the test where the database is outside: then there is
    /// none of its own to look into and to break.
    /// </summary>
    public static ConsumerSystem Create(int? partitions = null)
    {
        Assert.SkipUnless(TestCosmos.Connection is null, "Needs an emulator of its own in this process.");
        return new ConsumerSystem(partitions ?? TestCosmos.Partitions);
    }

    /// <summary>A host with all functions, or with those of some classes.</summary>
    public async Task<Api> StartHostAsync(Dictionary<string, string?>? settings = null, params Type[] functions)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
        builder.AddFunctionsHost(typeof(ConsumerSystem).Assembly); // With the functions of the tests beside those of the system.
        Dictionary<string, string?> all = new()
        {
            ["port"] = "0",
            [CosmosSettings.ConnectionSetting] = cosmos.ConnectionString,
            [CosmosSettings.DatabaseSetting] = CosmosSettings.DefaultDatabase,
            [CosmosSettings.ConnectionModeSetting] = "Gateway",
            [ServiceRegistration.ProvisionSetting] = "true",
            [InboxKeys.KeySetting] = Convert.ToBase64String(new byte[InboxKeys.MinKeyBytes]),
            ["FunctionsHost:FeedPollDelay"] = "00:00:00.020",
            [AuditFunctions.Setting] = EverySecond,
            [RetryFunctions.Setting] = EverySecond,
            [NextVersionFunctions.Setting] = NextVersionFunctions.Nothing,
            ["AzureWebJobs.ProjectNextVersion.Disabled"] = "true",
            ["FunctionsHost:RequireKeys"] = "true",
            ["FunctionsHost:Keys:Master"] = Key,
            ["Roles:manage:read"] = "key:master",
            ["Roles:manage:operate"] = "key:master",
            ["Roles:manage:store"] = "key:master",
            ["Logging:LogLevel:Default"] = "None",
        };
        foreach ((string name, string? value) in settings ?? [])
        {
            all[name] = value;
        }
        foreach ((string name, string? value) in all)
        {
            builder.Configuration[name] = value;
        }
        builder.Services.Configure<FunctionsHostOptions>(worker =>
        {
            worker.PrintFunctions = false;
            foreach (Type type in functions.Length == 0 ? OfTheSystem : functions)
            {
                worker.FunctionClasses.Add(type);
            }
        });
        builder.AddServerless(NewContext?.Invoke() ?? Context());
        builder.Services.AddSingleton(CosmosSettings.From(builder.Configuration) with { HttpHandler = handler });
        builder.Services.AddSingleton<ITriggerCosmosClientFactory>(new Clients(client));
        Configure?.Invoke(builder.Services);
        IHost host = builder.Build();
        hosts.Add(host);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new Api(new Uri(host.Services.GetRequiredService<FunctionsHostAddress>().BaseAddress, "api/"), Key);
    }

    /// <summary>A service of the last host that was started, or null.</summary>
    public T? Find<T>()
        where T : class => hosts[^1].Services.GetService<T>();

    /// <summary>Stops the last host that was started, as a deployment would.</summary>
    public async Task StopHostAsync()
    {
        IHost host = hosts[^1];
        hosts.RemoveAt(hosts.Count - 1);
        await host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        while (hosts.Count > 0)
        {
            await StopHostAsync();
        }
        client.Dispose();
        handler.Dispose();
        await cosmos.DisposeAsync();
        TestCosmos.Delete(data);
    }

    /// <summary>The bank, with a summary that fails for some accounts.</summary>
    private BoundedContext Context() => new BoundedContext()
        .Add(AccountAggregate.Definition)
        .Add(TransferAggregate.Definition)
        .Add(new DocumentView<AccountSummary, AccountEvent>
        {
            Name = AccountSummaryView.Projection.Name,
            Version = AccountSummaryView.Projection.Version,
            Sources = AccountSummaryView.Projection.Sources,
            Key = AccountSummaryView.Projection.Key,
            Initial = AccountSummaryView.Projection.Initial,
            Apply = (view, envelope) => BadAccounts.ContainsKey(envelope.Stream.Id)
                ? throw new InvalidOperationException("this account is a bad one")
                : AccountSummaryView.Apply(view, envelope),
            Json = AccountSummaryView.Projection.Json,
        })
        .Add(AccountStatementView.Projection)
        .Add(CustomerPortfolioView.Projection)
        .Add(BankTotalsView.Projection)
        .Add(TransferProcess.Process);

    private sealed class Clients(CosmosClient client) : ITriggerCosmosClientFactory
    {
        public CosmosClient GetClient(string connection, IReadOnlyList<string> preferredRegions) => client;
    }
}
