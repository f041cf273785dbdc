using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Banking;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Durability;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;
using Serverless.LocalWorker;

namespace Serverless.LocalHost;

/// <summary>
/// The whole system in this process: emulator, containers and functions. They are put together as in Azure, only that the functions
/// reach the emulator without a network, and look at the change feed far more often.
/// </summary>
public sealed class LocalSystem : IAsyncDisposable
{
    // How long a view may lag when the system is idle. Empty looks cost nothing but a little time here.
    private const string FeedPollDelay = "00:00:00.050";

    private readonly EmbeddedCosmos cosmos;
    private readonly HttpMessageHandler handler;
    private readonly IHost host;

    private LocalSystem(EmbeddedCosmos cosmos, HttpMessageHandler handler, IHost host, Uri? cosmosAddress)
    {
        this.cosmos = cosmos;
        this.handler = handler;
        this.host = host;
        CosmosAddress = cosmosAddress;
    }

    /// <summary>Ends in a slash, so that relative addresses can be appended.</summary>
    public Uri ApiAddress => new(host.Services.GetRequiredService<LocalWorkerAddress>().BaseAddress, "api/");

    /// <summary>Where other programs reach the emulator; null when they don't.</summary>
    public Uri? CosmosAddress { get; }

    /// <summary>Starts everything, or nothing.</summary>
    /// <exception cref="StoreException">The data directory can't be used.</exception>
    /// <exception cref="PortTakenException">Another program has the port of the emulator.</exception>
    /// <exception cref="AddressTakenException">Another program has the port of the API.</exception>
    public static async Task<LocalSystem> StartAsync(LocalHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = options.Partitions, DataDirectory = options.DataDirectory });
        HttpMessageHandler handler = cosmos.CreateHandler();
        IHost? host = null;
        try
        {
            Uri? cosmosAddress = options.CosmosPort is { } port ? await cosmos.ListenAsync(port, cancellationToken) : null;
            host = Build(options, cosmos, handler);
            await host.StartAsync(cancellationToken);
            return new LocalSystem(cosmos, handler, host, cosmosAddress);
        }
        catch
        {
            if (host is not null)
            {
                await ((IAsyncDisposable)host).DisposeAsync();
            }
            handler.Dispose();
            await cosmos.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when Ctrl+C was pressed or the process is asked to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => host.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
        handler.Dispose();
        await cosmos.DisposeAsync();
    }

    private static IHost Build(LocalHostOptions options, EmbeddedCosmos cosmos, HttpMessageHandler handler)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
        builder.Configuration["port"] = $"{options.Port}";
        builder.Configuration[CosmosSettings.ConnectionSetting] = cosmos.ConnectionString;
        builder.Configuration[CosmosSettings.DatabaseSetting] = CosmosSettings.DefaultDatabase;
        builder.Configuration[CosmosSettings.ConnectionModeSetting] = "Gateway";
        builder.Configuration[ServiceRegistration.ProvisionSetting] = "true";
        builder.Configuration["LocalWorker:FeedPollDelay"] = FeedPollDelay;
        builder.Configuration["Logging:LogLevel:Default"] = options.IsVerbose ? "Information" : "Warning"; // host.json speaks for the cloud.
        foreach ((string name, string? value) in options.Settings)
        {
            builder.Configuration[name] = value;
        }
        // A start that fails is told by who started it; the host's own log of it is a page of stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        builder.Services.Configure<LocalWorkerOptions>(worker =>
        {
            worker.PrintFunctions = options.IsVerbose;
            worker.FunctionAssemblies.Add(typeof(ServiceRegistration).Assembly);
        });
        builder.AddServerless(BankingContext.Create());
        builder.Services.AddSingleton(CosmosSettings.From(builder.Configuration) with { HttpHandler = handler });
        builder.Services.AddSingleton<ITriggerCosmosClientFactory>(_ => new EmulatorClients(cosmos, handler));
        return builder.Build();
    }

    /// <summary>A client with the options of the Functions host, which are not those of the stores.</summary>
    private sealed class EmulatorClients(EmbeddedCosmos cosmos, HttpMessageHandler handler) : ITriggerCosmosClientFactory, IDisposable
    {
        private readonly CosmosClient client = new(cosmos.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(handler, disposeHandler: false),
        });

        public CosmosClient GetClient(string connection, IReadOnlyList<string> preferredRegions) => client;

        public void Dispose() => client.Dispose();
    }
}
