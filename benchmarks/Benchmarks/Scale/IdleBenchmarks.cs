using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;
using Serverless.Functions.Projections;

namespace Serverless.Benchmarks;

/// <summary>
/// What the feeds cost while nothing happens: every change-feed function of the app, with the intervals that it is deployed with, on the
/// SDK's change feed processor as the trigger sets it up. One host.
/// </summary>
internal static class IdleBenchmarks
{
    private const double SecondsPerHour = 3_600;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(IReadOnlyList<int> partitions, TimeSpan time)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n### Idle, measured for {time.TotalSeconds:N0} s on one host, per hour\n"));
        Console.WriteLine("| partitions of each container | feeds | leases | looks at a feed | requests for leases | request units (estimate) |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (string row in await Task.WhenAll(partitions.Select(p => MeasureAsync(p, time))))
        {
            Console.WriteLine(row);
        }
    }

    private static async Task<string> MeasureAsync(int partitions, TimeSpan time)
    {
        Traffic traffic = new();
        await using BenchSystem system = await BenchSystem.StartAsync(new CosmosEmulatorOptions { PartitionCount = partitions, OnRequest = traffic.Count });
        CosmosDBTriggerAttribute[] triggers = [.. Triggers()];
        int left = triggers.Length * partitions;
        TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChangeFeedProcessor[] processors = [.. triggers.Select(t => ProcessorOf(system.Database, t, LeaseAcquired))];
        await Task.WhenAll(processors.Select(p => p.StartAsync()));
        await settled.Task.WaitAsync(Patience);
        TrafficCount before = traffic.Now;
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(time);
        TrafficCount idle = traffic.Now - before;
        double perHour = SecondsPerHour / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Task.WhenAll(processors.Select(p => p.StopAsync()));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {partitions} | {processors.Length} | {processors.Length * partitions} | {idle.Requests * perHour:N0} | {idle.LeaseRequests * perHour:N0} | {(idle.RequestUnits + idle.LeaseUnits) * perHour:N0} |");

        // From the last lease on, all feeds are looked at and all leases renewed, as for ever after.
        void LeaseAcquired()
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                settled.SetResult();
            }
        }
    }

    /// <summary>Those of the deployed app; the spare one is disabled while no version is being built.</summary>
    private static IEnumerable<CosmosDBTriggerAttribute> Triggers() => typeof(ServiceRegistration).Assembly.GetExportedTypes()
        .Where(t => t != typeof(NextVersionFunctions))
        .SelectMany(t => t.GetMethods())
        .SelectMany(m => m.GetParameters())
        .Select(p => p.GetCustomAttribute<CosmosDBTriggerAttribute>())
        .OfType<CosmosDBTriggerAttribute>();

    private static ChangeFeedProcessor ProcessorOf(Database database, CosmosDBTriggerAttribute trigger, Action leaseAcquired) => database.GetContainer(trigger.ContainerName)
        .GetChangeFeedProcessorBuilder(trigger.LeaseContainerPrefix, (ChangeFeedProcessorContext _, Stream _, CancellationToken _) => Task.CompletedTask)
        .WithInstanceName("idle")
        .WithLeaseContainer(database.GetContainer(ContainerNames.Leases))
        .WithStartTime(DateTime.MinValue.ToUniversalTime())
        .WithLeaseAcquireNotification(_ =>
        {
            leaseAcquired();
            return Task.CompletedTask;
        })
        .WithMaxItems(trigger.MaxItemsPerInvocation)
        .WithPollInterval(TimeSpan.FromMilliseconds(trigger.FeedPollDelay))
        .Build();
}
