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
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);

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
        ChangeFeedProcessor[] processors = [.. Triggers().Select(t => ProcessorOf(system.Database, t))];
        await Task.WhenAll(processors.Select(p => p.StartAsync()));
        await Task.Delay(Settling);
        TrafficCount before = traffic.Now;
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(time);
        TrafficCount idle = traffic.Now - before;
        double perHour = SecondsPerHour / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Task.WhenAll(processors.Select(p => p.StopAsync()));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {partitions} | {processors.Length} | {processors.Length * partitions} | {idle.Requests * perHour:N0} | {idle.LeaseRequests * perHour:N0} | {(idle.RequestUnits + idle.LeaseUnits) * perHour:N0} |");
    }

    /// <summary>Those of the deployed app; the spare one is disabled while no version is being built.</summary>
    private static IEnumerable<CosmosDBTriggerAttribute> Triggers() => typeof(ServiceRegistration).Assembly.GetExportedTypes()
        .Where(t => t != typeof(NextVersionFunctions))
        .SelectMany(t => t.GetMethods())
        .SelectMany(m => m.GetParameters())
        .Select(p => p.GetCustomAttribute<CosmosDBTriggerAttribute>())
        .OfType<CosmosDBTriggerAttribute>();

    private static ChangeFeedProcessor ProcessorOf(Database database, CosmosDBTriggerAttribute trigger) => database.GetContainer(trigger.ContainerName)
        .GetChangeFeedProcessorBuilder(trigger.LeaseContainerPrefix, (ChangeFeedProcessorContext _, Stream _, CancellationToken _) => Task.CompletedTask)
        .WithInstanceName("idle")
        .WithLeaseContainer(database.GetContainer(ContainerNames.Leases))
        .WithStartTime(DateTime.MinValue.ToUniversalTime())
        .WithMaxItems(trigger.MaxItemsPerInvocation)
        .WithPollInterval(TimeSpan.FromMilliseconds(trigger.FeedPollDelay))
        .Build();
}
