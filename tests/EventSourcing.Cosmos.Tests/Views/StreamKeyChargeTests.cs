using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>A stream that names no key costs the same per delivery however long it is.</summary>
public sealed class StreamKeyChargeTests : IAsyncDisposable
{
    private const string Database = "serverless";

    private readonly EmbeddedCosmos cosmos;
    private readonly HttpMessageHandler handler;
    private readonly CosmosClient client;
    private double charge;

    public StreamKeyChargeTests()
    {
        cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { OnRequest = r => charge += r.Charge });
        handler = cosmos.CreateHandler();
        client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = handler });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_charge_of_a_delivery_does_not_grow_with_the_stream()
    {
        await new ContainerProvisioning(client, Database).EnsureAsync(Token);
        CosmosEventStore store = new(client.GetContainer(Database, ContainerNames.Events));
        StreamHead head = StreamHead.StartOf(Counter.NewStream());
        List<double> cold = [];
        List<double> warm = [];
        Projector host = NewHost(store);
        foreach (int length in (int[])[10, 160, 460])
        {
            List<Commit> batch = [];
            while (head.Version < length)
            {
                batch.Add(TestCommits.At(head.Stream, head.Version + 1));
                head = Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, batch[^1], Token)).Head;
            }
            await host.ApplyAsync(View, batch, Token);
            Commit next = TestCommits.At(head.Stream, head.Version + 1);
            head = Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, next, Token)).Head;

            warm.Add(await ChargeOfAsync(() => host.ApplyAsync(View, [next], Token)));
            cold.Add(await ChargeOfAsync(() => NewHost(store).ApplyAsync(View, [next], Token))); // As an app that has just started.
        }

        Assert.Equal([0, 0, 0], warm);
        Assert.All(cold, c => Assert.InRange(c, 0.1, 6)); // A query of a short stream, then one read of the note. It was 24 at the end.
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        handler.Dispose();
        await cosmos.DisposeAsync();
    }

    private static DocumentView<CounterState, CounterEvent> View { get; } = new()
    {
        Name = "never",
        Version = 1,
        Sources = [EventSource<CounterEvent>.Of(Counter.Aggregate)],
        Key = ViewKey<CounterEvent>.NamedBy(_ => null),
        Initial = () => new CounterState(0),
        Apply = (state, _) => state,
        Json = CounterJson.Default.CounterState,
    };

    private Projector NewHost(CosmosEventStore store) => new(
        store, new CosmosViewStore(client.GetContainer(Database, ContainerNames.Views)), new CosmosStoreFaults(), TimeProvider.System, new ProjectorOptions());

    private async Task<double> ChargeOfAsync(Func<Task> action)
    {
        double before = charge;
        await action();
        return charge - before;
    }
}
