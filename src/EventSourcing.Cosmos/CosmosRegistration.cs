using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serverless.EventSourcing.Cosmos;

public static class CosmosRegistration
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds the ports on Cosmos DB (<see cref="IEventStore"/>, <see cref="ICommitLog"/>, <see cref="IViewStore"/>, <see cref="IFenceStore"/>, <see cref="IInboxStore"/>,
        /// <see cref="IParkedStore"/>, <see cref="IActionStore"/>, <see cref="IConsumerStore"/>, <see cref="IVersionStore"/>,
        /// <see cref="IConsumerFeeds"/>, <see cref="IRefusedCommandStore"/>, <see cref="IStoreFaults"/>, <see cref="IWorkNotes"/>,
        /// <see cref="ICommitFeed"/>), the one <see cref="CosmosClient"/> behind them,
        /// <see cref="ContainerProvisioning"/> and <see cref="CosmosHealth"/>. Nothing connects before it is used.
        /// </summary>
        public IServiceCollection AddCosmosEventSourcing(CosmosSettings settings) =>
            services.AddCosmosEventSourcing(_ => settings);

        /// <summary>The same with settings that depend on other services, such as an emulator's handler.</summary>
        public IServiceCollection AddCosmosEventSourcing(Func<IServiceProvider, CosmosSettings> settings)
        {
            ArgumentNullException.ThrowIfNull(settings);
            return services
                .AddSingleton(settings)
                .AddSingleton(s => CosmosClients.Create(s.GetRequiredService<CosmosSettings>(), HandlersOf(s)))
                .AddSingleton<IStoreFaults, CosmosStoreFaults>()
                .AddSingleton<IEventStore>(s => new CosmosEventStore(ContainerOf(s, ContainerNames.Events)))
                .AddSingleton<ICommitLog>(s => new CosmosCommitLog(ContainerOf(s, ContainerNames.Events)))
                .AddSingleton<IViewStore>(s => new CosmosViewStore(ContainerOf(s, ContainerNames.Views)))
                .AddSingleton<IFenceStore>(s => new CosmosFenceStore(ContainerOf(s, ContainerNames.Fences)))
                .AddSingleton<IInboxStore>(s => new CosmosInboxStore(ContainerOf(s, ContainerNames.Commands), InboxKeysOf(s)))
                .AddSingleton<IParkedStore>(s => new CosmosParkedStore(ContainerOf(s, ContainerNames.Parked)))
                .AddSingleton<IActionStore>(s => new CosmosActionStore(ContainerOf(s, ContainerNames.Actions)))
                .AddSingleton<IConsumerStore>(s => new CosmosConsumerStore(ContainerOf(s, ContainerNames.Consumers)))
                .AddSingleton<IWorkNotes>(s => new CosmosWorkNotes(ContainerOf(s, ContainerNames.Consumers)))
                .AddSingleton<IRefusedCommandStore>(s => new CosmosRefusedCommandStore(ContainerOf(s, ContainerNames.Refused)))
                .AddSingleton<IVersionStore>(s => new CosmosVersionStore(ContainerOf(s, ContainerNames.Consumers)))
                .AddSingleton<ICommitFeed>(s => new CosmosCommitFeed(ContainerOf(s, ContainerNames.Events)))
                .AddSingleton<IConsumerFeeds>(s => new CosmosConsumerFeeds(
                    ContainerOf(s, ContainerNames.Events), ContainerOf(s, ContainerNames.Commands), ContainerOf(s, ContainerNames.Leases)))
                .AddSingleton(s => new ContainerProvisioning(s.GetRequiredService<CosmosClient>(), DatabaseOf(s)))
                .AddSingleton(s => new CosmosHealth(s.GetRequiredService<CosmosClient>(), DatabaseOf(s)));
        }
    }

    private static RequestHandler[] HandlersOf(IServiceProvider services) =>
        services.GetService<ILogger<FaultLog>>() is { } logger ? [new FaultLog(logger, services.GetService<TimeProvider>() ?? TimeProvider.System)] : [];

    private static Container ContainerOf(IServiceProvider services, string name) =>
        services.GetRequiredService<CosmosClient>().GetContainer(DatabaseOf(services), name);

    private static InboxKeys InboxKeysOf(IServiceProvider services) => services.GetRequiredService<CosmosSettings>().InboxKeys
        ?? throw new InvalidOperationException(
            "The setting Inbox__Key is missing. It authenticates the commands of the inbox: set it to 32 random bytes in base64, for example from: openssl rand -base64 32");

    private static string DatabaseOf(IServiceProvider services) => services.GetRequiredService<CosmosSettings>().Database;
}
