using System.Diagnostics;
using Serverless.CosmosEmulator;

namespace Serverless.Benchmarks;

/// <summary>Everything that reached an emulator, counted there and not where it was sent, so that no request of the client is missed.</summary>
internal sealed class Traffic
{
    private const double Hundredths = 100;

    private long requests;
    private long charge;
    private long leaseRequests;
    private long leaseCharge;
    private long metadata;

    /// <summary>For <see cref="CosmosEmulatorOptions.OnRequest"/>.</summary>
    public void Count(RequestRecord request)
    {
        long units = (long)Math.Round(request.Charge * Hundredths);
        if (!request.Target.Contains("/docs", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref metadata); // Containers and the map of their partitions, which a client reads once and after a split.
        }
        else if (request.Target.Contains("/colls/leases/", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref leaseRequests);
            Interlocked.Add(ref leaseCharge, units);
        }
        else
        {
            Interlocked.Increment(ref requests);
            Interlocked.Add(ref charge, units);
        }
    }

    public TrafficCount Now => new(
        Interlocked.Read(ref requests), Interlocked.Read(ref charge) / Hundredths,
        Interlocked.Read(ref leaseRequests), Interlocked.Read(ref leaseCharge) / Hundredths, Interlocked.Read(ref metadata));

    /// <summary>What a piece of work costs while nothing else runs.</summary>
    public async Task<Cost> MeasureAsync(Func<Task> work)
    {
        TrafficCount before = Now;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new Cost(Now - before, elapsed, Environment.CpuUsage.TotalTime - cpu);
    }
}

/// <summary>Requests for items of the system's own containers, those for leases, and those that are not for items.</summary>
internal readonly record struct TrafficCount(long Requests, double RequestUnits, long LeaseRequests, double LeaseUnits, long Metadata)
{
    public static TrafficCount operator -(TrafficCount now, TrafficCount then) => new(
        now.Requests - then.Requests, now.RequestUnits - then.RequestUnits,
        now.LeaseRequests - then.LeaseRequests, now.LeaseUnits - then.LeaseUnits, now.Metadata - then.Metadata);
}

internal readonly record struct Cost(TrafficCount Traffic, TimeSpan Elapsed, TimeSpan Cpu);
