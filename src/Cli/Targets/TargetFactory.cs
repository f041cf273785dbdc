using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Durability;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Cli.Targets;

/// <summary>Opens what was chosen. Nothing is created unless the command is one that writes.</summary>
internal static class TargetFactory
{
    /// <summary>The bounded context whose streams these are. Who replaces the example by their own replaces this line.</summary>
    private static BoundedContext Context => BankingContext.Create();

    /// <summary>What every data folder has: an emulator that is opened on another one would begin a new store there.</summary>
    private const string AccountFile = "account.db";

    /// <param name="choice">Where to ask.</param>
    /// <param name="canCreate">Whether a data folder that does not exist is made.</param>
    /// <param name="time">Measures how long pages take; nothing that is decided depends on it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<ITarget> OpenAsync(TargetChoice choice, bool canCreate, TimeProvider time, CancellationToken cancellationToken)
    {
        if (choice.Url is { } api)
        {
            return new HttpTarget(new ApiClient(api, choice.Key));
        }
        string store = choice.Store!;
        if (store.Contains("AccountEndpoint=", StringComparison.OrdinalIgnoreCase))
        {
            return OnAccount(new CosmosSettings { ConnectionString = store, UseGateway = choice.UseGateway || IsLocal(store) }, choice, time);
        }
        return Uri.TryCreate(store, UriKind.Absolute, out Uri? account) && account.Scheme is "http" or "https"
            ? OnAccount(
                account.IsLoopback
                    ? new CosmosSettings { ConnectionString = $"AccountEndpoint={account};AccountKey={new CosmosEmulatorOptions().Key};", UseGateway = true } // Public.
                    : new CosmosSettings { AccountEndpoint = account, UseGateway = choice.UseGateway },
                choice,
                time)
            : await OnFolderAsync(store, canCreate, choice, time, cancellationToken);
    }

    private static bool IsLocal(string connection) =>
        connection.Contains("//localhost", StringComparison.OrdinalIgnoreCase) || connection.Contains("//127.0.0.1", StringComparison.Ordinal);

    private static StoreTarget OnAccount(CosmosSettings settings, TargetChoice choice, TimeProvider time)
    {
        try
        {
            return Over(CosmosClients.Create(settings), settings, choice, time, emulator: null);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ToolException(ExitCodes.Usage, "--store is not a valid connection string.", e); // Without the text: it has a key.
        }
    }

    private static async Task<StoreTarget> OnFolderAsync(
        string folder, bool canCreate, TargetChoice choice, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!canCreate && !File.Exists(Path.Combine(folder, AccountFile)))
        {
            throw ToolException.Usage("--store is no connection string, no URL, and no data folder of an emulator.");
        }
        OwnEmulator emulator = new(folder);
        try
        {
            CosmosClient client = CosmosClients.Create(emulator.Settings);
            if (canCreate)
            {
                await new ContainerProvisioning(client, DatabaseOf(choice)).EnsureAsync(cancellationToken);
            }
            return Over(client, emulator.Settings, choice, time, emulator);
        }
        catch
        {
            await emulator.DisposeAsync();
            throw;
        }
    }

    private static StoreTarget Over(CosmosClient client, CosmosSettings settings, TargetChoice choice, TimeProvider time, OwnEmulator? emulator)
    {
        Container events = client.GetContainer(DatabaseOf(choice), ContainerNames.Events);
        CosmosEventStore store = new(events);
        CosmosCommitLog log = new(events);
        BoundedContext context = Context;
        return new StoreTarget(
            store, log, context.Bind(store, time, new CommandHandlerOptions()),
            new CosmosActionStore(client.GetContainer(DatabaseOf(choice), ContainerNames.Actions)),
            new CosmosRefusedCommandStore(client.GetContainer(DatabaseOf(choice), ContainerNames.Refused)),
            new StoreBuild(context, log, store, client.GetDatabase(DatabaseOf(choice)), () => CosmosClients.Create(settings with { InBulk = true }), time),
            time, new Owned(client, emulator));
    }

    private static string DatabaseOf(TargetChoice choice) => choice.Database ?? CosmosSettings.DefaultDatabase;

    /// <summary>An emulator in this process, on a folder that no other process has open.</summary>
    private sealed class OwnEmulator : IAsyncDisposable
    {
        private readonly EmbeddedCosmos cosmos;
        private readonly HttpMessageHandler handler;

        public OwnEmulator(string folder)
        {
            try
            {
                cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = folder });
            }
            catch (StoreException e)
            {
                throw new ToolException(ExitCodes.Unreachable, e.Message, e);
            }
            handler = cosmos.CreateHandler();
        }

        public CosmosSettings Settings => new()
        {
            ConnectionString = cosmos.ConnectionString,
            UseGateway = true,
            HttpHandler = handler,
        };

        public async ValueTask DisposeAsync()
        {
            handler.Dispose();
            await cosmos.DisposeAsync();
        }
    }

    private sealed class Owned(CosmosClient client, OwnEmulator? emulator) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            if (emulator is not null)
            {
                await emulator.DisposeAsync();
            }
        }
    }
}
