using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Projections;

namespace Serverless.Benchmarks;

/// <summary>What a rebuild came to.</summary>
internal readonly record struct RebuildRun(int Documents, long Requests, double RequestCharge);

internal static class Rebuild
{
    public static readonly IReadOnlyList<(string Name, Func<BenchSystem, int, Task<RebuildRun>> Run)> Ways = [("feed", ByFeedAsync), ("bulk", InBulkAsync)];

    private const string Consumer = "account-summary@1";
    private const int MaxItems = 1_000;

    /// <summary>In bulk: <see cref="ProjectionRebuild"/>.</summary>
    public static async Task<RebuildRun> InBulkAsync(BenchSystem system, int events)
    {
        using ConsumerMonitor monitor = new(TimeProvider.System);
        CountingViews views = new(system.BulkViews);
        ProjectionRebuild rebuild = new(
            new CosmosCommitLog(system.Events), system.Store, views, new InMemoryParkedStore(), new CosmosStoreFaults(), monitor, TimeProvider.System, new RebuildOptions { MaxParallelWrites = 1_000 });
        RebuildProgress end = await rebuild.RunAsync(AccountSummaryView.Projection, continuation: null, progress: null, CancellationToken.None);
        return end.Commits == events && end.Events == events
            ? new RebuildRun(views.Created, views.Requests, views.RequestCharge)
            : throw new InvalidOperationException($"{end} is not {events} commits.");
    }

    /// <summary>The trigger's way: change feed processor, pages as JSON elements, the feed of one consumer.</summary>
    public static async Task<RebuildRun> ByFeedAsync(BenchSystem system, int events)
    {
        using ConsumerMonitor monitor = new(TimeProvider.System);
        CountingViews views = new(system.Views);
        Projector projector = new(system.Store, views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
        InMemoryParkedStore parked = new();
        ConsumerRunner runner = new(projector, parked, TimeProvider.System, new ConsumerOptions(), monitor);
        using CrashWatch watch = new(new InMemoryWorkNotes(), TimeProvider.System, new ConsumerOptions());
        BoundedContext context = new BoundedContext().Add(AccountSummaryView.Projection);
        VersionedProjections versions = new(context, new InMemoryVersionStore(), TimeProvider.System, new ConsumerOptions());
        InMemoryFenceStore fences = new();
        ConsumerFeed feed = new(
            context, FrozenDictionary<string, IAggregateEndpoint>.Empty, fences, new ProcessStarts(context, fences, TimeProvider.System),
            new DeliveredCommits(system.Store, new NetworkFaults()), new WatchedConsumers(runner, parked, watch), monitor, versions, new TakeoverSignal(), TimeProvider.System, NullLogger<ConsumerFeed>.Instance);
        int done = 0;
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChangeFeedProcessor processor = system.Events
            .GetChangeFeedProcessorBuilder(Consumer, async (ChangeFeedProcessorContext context, Stream page, CancellationToken token) =>
            {
                using JsonDocument body = await JsonDocument.ParseAsync(page, cancellationToken: token);
                JsonElement items = body.RootElement.ValueKind == JsonValueKind.Array ? body.RootElement : body.RootElement.GetProperty("Documents");
                await feed.HandleAsync(Consumer, [.. items.EnumerateArray()], token);
                if (Interlocked.Add(ref done, items.GetArrayLength()) >= events)
                {
                    end.TrySetResult();
                }
            })
            .WithInstanceName("benchmark")
            .WithLeaseContainer(system.Database.GetContainer(ContainerNames.Leases))
            .WithStartTime(DateTime.MinValue.ToUniversalTime())
            .WithMaxItems(MaxItems)
            .WithErrorNotification((_, fault) =>
            {
                end.TrySetException(fault);
                return Task.CompletedTask;
            })
            .Build();
        await processor.StartAsync();
        try
        {
            await end.Task;
        }
        finally
        {
            await processor.StopAsync();
        }
        return new RebuildRun(views.Created, views.Requests, views.RequestCharge);
    }
}
