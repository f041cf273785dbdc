using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Benchmarks;

/// <summary>
/// Every view fed by the SDK's change feed processor as the trigger does, with a split of physical partitions in the middle; afterwards the
/// views are compared with a fold of the streams.
/// </summary>
internal sealed class ScaleFeed(ScaleSystem system, int events)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static void PrintHeader()
    {
        Console.WriteLine("| streams | partitions | view | events | requests per event | request units per event | writes that lost a race | leases after the splits |");
        Console.WriteLine("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    }

    public async Task RunAsync()
    {
        StreamName[] streams = system.Sample(events, offset: 1);
        // The feeds begin after what the views were built from; the service knows the time of a change by the second.
        DateTime start = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1.5);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await DepositAsync(streams[..(streams.Length / 2)]);
        List<Consumer> consumers = [.. ScaleSystem.Projections.Select(p => new Consumer(system, p))];
        await Task.WhenAll(consumers.Select(c => c.StartAsync(start)));
        await ReachAsync(consumers, streams.Length / 2);
        await SplitAsync();
        await DepositAsync(streams[(streams.Length / 2)..]);
        await ReachAsync(consumers, streams.Length);
        await Task.WhenAll(consumers.Select(c => c.StopAsync()));
        CosmosConsumerFeeds feeds = new(system.Bench.Events, system.Bench.Events, system.Bench.Database.GetContainer(ContainerNames.Leases));
        foreach (Consumer consumer in consumers)
        {
            int leases = (await feeds.ReadPositionsAsync(consumer.Projection.FullName, CancellationToken.None)).Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {system.Name} | {consumer.Projection.Name} | {consumer.Events:N0} | {consumer.Views.Requests / (double)consumer.Events:F2} | {consumer.Views.RequestCharge / consumer.Events:F2} | {consumer.LostRaces:N0} | {leases} |"));
        }
        consumers.ForEach(c => c.Dispose());
        await ScaleCheck.RunAsync(system, streams);
    }

    /// <summary>The first half of the partitions, each in two.</summary>
    private async Task SplitAsync()
    {
        for (int i = 0; i < (system.Partitions + 1) / 2; i++)
        {
            await system.Bench.SplitAsync(ContainerNames.Events, i.ToString(CultureInfo.InvariantCulture));
        }
    }

    private async Task DepositAsync(StreamName[] streams)
    {
        var handler = system.Bench.NewHandler(cachedStateBytes: 0);
        await Load.RunAsync(streams.Length, concurrent: 8, n => system.Bench.DepositAsync(handler, streams[n]));
    }

    private static async Task ReachAsync(List<Consumer> consumers, int expected)
    {
        using CancellationTokenSource patience = new(Patience);
        while (consumers.Any(c => c.Events < expected))
        {
            if (consumers.Select(c => c.Fault).FirstOrDefault(f => f is not null) is { } fault)
            {
                throw new InvalidOperationException("A feed met a fault.", fault);
            }
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>One consumer with leases of its own, as a function of the app is.</summary>
    private sealed class Consumer : IDisposable
    {
        private readonly ScaleSystem system;
        private readonly ConsumerMonitor monitor = new(TimeProvider.System);
        private readonly ConsumerRunner runner;
        private readonly ConcurrentQueue<Exception> faults = [];
        private ChangeFeedProcessor? processor;
        private int events;
        private int lostRaces;

        public Consumer(ScaleSystem system, IProjection projection)
        {
            this.system = system;
            Projection = projection;
            Views = new CountingViews(system.Bench.Views);
            Projector projector = new(system.Bench.Store, Views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
            runner = new ConsumerRunner(projector, new InMemoryParkedStore(), TimeProvider.System, new ConsumerOptions(), monitor);
        }

        public IProjection Projection { get; }

        public CountingViews Views { get; }

        public int Events => Volatile.Read(ref events);

        public int LostRaces => Volatile.Read(ref lostRaces);

        public Exception? Fault => faults.FirstOrDefault();

        public Task StartAsync(DateTime start)
        {
            processor = system.Bench.Events
                .GetChangeFeedProcessorBuilder(Projection.FullName, HandleAsync)
                .WithInstanceName("scale")
                .WithLeaseContainer(system.Bench.Database.GetContainer(ContainerNames.Leases))
                .WithStartTime(start)
                .WithPollInterval(TimeSpan.FromMilliseconds(100))
                .WithLeaseConfiguration(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(17))
                .WithErrorNotification((_, fault) =>
                {
                    // What is not of the handler is the processor's own business: it learns of a split by a fault, and meets its own new leases.
                    if (fault is ChangeFeedProcessorUserException)
                    {
                        faults.Enqueue(fault);
                    }
                    return Task.CompletedTask;
                })
                .Build();
            return processor.StartAsync();
        }

        public Task StopAsync() => processor!.StopAsync();

        public void Dispose() => monitor.Dispose();

        private async Task HandleAsync(ChangeFeedProcessorContext context, Stream page, CancellationToken cancellationToken)
        {
            using JsonDocument body = await JsonDocument.ParseAsync(page, cancellationToken: cancellationToken);
            JsonElement items = body.RootElement.ValueKind == JsonValueKind.Array ? body.RootElement : body.RootElement.GetProperty("Documents");
            ProjectionResult result = await runner.HandleAsync(Projection, [.. items.EnumerateArray().Select(CommitJson.ReadDelivery)], cancellationToken);
            Interlocked.Add(ref lostRaces, result.LostRaces);
            Interlocked.Add(ref events, result.Events);
        }
    }
}
