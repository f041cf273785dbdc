using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Durability;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;
using Serverless.Functions.Projections;
using Serverless.FunctionsHost;

namespace Serverless.LocalHost;

/// <summary>
/// The whole system in this process: emulator, containers and functions; or the functions alone, on a database that runs already. They
/// are put together as in Azure, only that the functions reach an emulator in this process without a network, and look at the change
/// feed of an emulator far more often.
/// </summary>
public sealed class LocalSystem : IAsyncDisposable
{
    private readonly EmbeddedCosmos? cosmos;
    private readonly HttpMessageHandler? handler;
    private readonly IHost host;

    private LocalSystem(EmbeddedCosmos? cosmos, HttpMessageHandler? handler, IHost host, Uri? cosmosAddress)
    {
        this.cosmos = cosmos;
        this.handler = handler;
        this.host = host;
        CosmosAddress = cosmosAddress;
    }

    /// <summary>Ends in a slash, so that relative addresses can be appended.</summary>
    public Uri ApiAddress => new(host.Services.GetRequiredService<FunctionsHostAddress>().BaseAddress, "api/");

    /// <summary>Where the database is; null when only this process reaches it.</summary>
    public Uri? CosmosAddress { get; }

    /// <summary>The names and versions of the consumers that no function feeds. A worker in another process can't be asked.</summary>
    public IEnumerable<string> Unfed => host.Services.GetService<ConsumerFeed>() is { } feed
        ? UnfedConsumers.Among(feed.Consumers, host.Services.GetRequiredService<IConfiguration>()[NextVersionFunctions.Setting])
        : [];

    /// <summary>Starts everything, or nothing.</summary>
    /// <exception cref="StoreException">The data directory can't be used.</exception>
    /// <exception cref="PortTakenException">Another program has the port of the emulator.</exception>
    /// <exception cref="AddressTakenException">Another program has the port of the API.</exception>
    /// <exception cref="CosmosUnreachableException">Nothing answers where the database should be.</exception>
    /// <exception cref="CosmosException">The database there refuses what the start needs.</exception>
    /// <exception cref="FormatException">The settings name no database.</exception>
    public static async Task<LocalSystem> StartAsync(LocalHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.HasEmulator
            ? await StartWithEmulatorAsync(options, cancellationToken)
            : await StartFunctionsAsync(options, cancellationToken);
    }

    /// <summary>Returns when Ctrl+C was pressed or the process is asked to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => host.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
        handler?.Dispose();
        if (cosmos is not null)
        {
            await cosmos.DisposeAsync();
        }
    }

    private static async Task<LocalSystem> StartWithEmulatorAsync(LocalHostOptions options, CancellationToken cancellationToken)
    {
        EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = options.Partitions, DataDirectory = options.DataDirectory });
        HttpMessageHandler handler = cosmos.CreateHandler();
        try
        {
            int? port = options.CosmosPort ?? (options.HasWorkerProcess ? LocalHostOptions.AnyFreePort : null);
            Uri? cosmosAddress = port is null ? null : await cosmos.ListenAsync(port.Value, cancellationToken);
            IHost host = FunctionHost.OnEmulator(options, cosmos, cosmosAddress, handler);
            return new LocalSystem(cosmos, handler, await RunAsync(host, options, cancellationToken), cosmosAddress);
        }
        catch
        {
            handler.Dispose();
            await cosmos.DisposeAsync();
            throw;
        }
    }

    private static async Task<LocalSystem> StartFunctionsAsync(LocalHostOptions options, CancellationToken cancellationToken)
    {
        (IHost host, Uri? cosmosAddress) = FunctionHost.OnExisting(options);
        try
        {
            if (cosmosAddress is not null)
            {
                // The client itself would try for minutes before it says so.
                await CosmosUnreachableException.ThrowIfUnreachableAsync(cosmosAddress, cancellationToken);
            }
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
        return new LocalSystem(cosmos: null, handler: null, await RunAsync(host, options, cancellationToken), cosmosAddress);
    }

    private static async Task<IHost> RunAsync(IHost host, LocalHostOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (options.HasWorkerProcess)
            {
                // The worker does so, too, but only while the triggers look for their containers already.
                await ProvisionAsync(host.Services.GetRequiredService<IConfiguration>(), cancellationToken);
            }
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
    }

    private static async Task ProvisionAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (configuration.GetValue(ServiceRegistration.ProvisionSetting, defaultValue: false))
        {
            CosmosSettings settings = CosmosSettings.From(configuration);
            using CosmosClient client = CosmosClients.Create(settings);
            await new ContainerProvisioning(client, settings.Database).EnsureAsync(cancellationToken);
        }
    }
}
