using System.Globalization;
using Serverless.EventSourcing;

namespace Serverless.Benchmarks;

/// <summary>
/// What one command and one projected event cost in a large system, against a small one that has the same done to it in turn. Requests and
/// request units are those that reached the emulator; they are compared exactly. Times are ratios of pairs.
/// </summary>
internal sealed class ScaleCosts(ScaleSystem small, ScaleSystem large, int rounds)
{
    private const int Operations = 200;
    private const int BatchSize = 100;

    private static readonly ProjectorOptions WithoutMemory = new() { CachedViewBytes = 0, CachedKeys = 0 };

    /// <summary>What is done in one round: prepared first, then measured.</summary>
    private delegate Task<Func<Task>> Case(ScaleSystem system, StreamName[] streams);

    public static void PrintHeader()
    {
        Console.WriteLine("| streams | partitions | case | requests, each | request units, each | as with 1,000 streams | CPU µs, each | ratio of CPU time (min–max) | ratio of time (min–max) |");
        Console.WriteLine("| ---: | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: |");
    }

    /// <summary>Whether every figure that has to stay the same did.</summary>
    public async Task<bool> RunAsync()
    {
        bool isFlat = await RunAsync("command on a new stream", OpenAsync);
        isFlat &= await RunAsync("cold command", ColdAsync);
        isFlat &= await RunAsync("warm command", WarmAsync);
        foreach (IProjection projection in ScaleSystem.Projections)
        {
            foreach (int batch in (int[])[1, BatchSize])
            {
                string name = $"{projection.Name}, {batch} at a time";
                isFlat &= await RunAsync($"{name}, remembered", (system, streams) => ProjectAsync(system, streams, projection, batch, new ProjectorOptions()));
                isFlat &= await RunAsync($"{name}, not remembered", (system, streams) => ProjectAsync(system, streams, projection, batch, WithoutMemory));
            }
        }
        return isFlat;
    }

    private async Task<bool> RunAsync(string name, Case prepare)
    {
        StreamName[] ofSmall = small.Sample(Operations, offset: 0);
        StreamName[] ofLarge = large.Sample(Operations, offset: 0);
        List<(Cost Small, Cost Large)> pairs = [];
        for (int round = -1; round < rounds; round++)
        {
            Cost a = await small.Traffic.MeasureAsync(await prepare(small, ofSmall));
            Cost b = await large.Traffic.MeasureAsync(await prepare(large, ofLarge));
            if (round >= 0)
            {
                pairs.Add((a, b));
            }
        }
        double operations = (double)Operations * rounds;
        (double Requests, double Units) inSmall = (pairs.Sum(p => p.Small.Traffic.Requests) / operations, pairs.Sum(p => p.Small.Traffic.RequestUnits) / operations);
        (double Requests, double Units) inLarge = (pairs.Sum(p => p.Large.Traffic.Requests) / operations, pairs.Sum(p => p.Large.Traffic.RequestUnits) / operations);
        // The parts of a second in a timestamp have up to seven digits, so an item is now and then some bytes longer.
        bool isFlat = inSmall.Requests == inLarge.Requests && Math.Abs(inLarge.Units / inSmall.Units - 1) < 0.001;
        double cpu = pairs.Select(p => p.Large.Cpu.TotalMicroseconds / Operations).Order().ElementAt(rounds / 2);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {large.Name} | {name} | {inLarge.Requests:0.####} | {inLarge.Units:F2} | {(isFlat ? "yes" : $"**no**: {inSmall.Requests:0.####} and {inSmall.Units:F2}")} | {cpu:F0} | {Ratios(p => p.Large.Cpu / p.Small.Cpu)} | {Ratios(p => p.Large.Elapsed / p.Small.Elapsed)} |"));
        return isFlat;

        string Ratios(Func<(Cost Small, Cost Large), double> ratio)
        {
            double[] sorted = [.. pairs.Select(ratio).Order()];
            return string.Create(CultureInfo.InvariantCulture, $"**{sorted[sorted.Length / 2]:F2}** ({sorted[0]:F2}–{sorted[^1]:F2})");
        }
    }

    private static Task<Func<Task>> OpenAsync(ScaleSystem system, StreamName[] streams)
    {
        var handler = system.Bench.NewHandler();
        return Task.FromResult<Func<Task>>(async () =>
        {
            for (int i = 0; i < streams.Length; i++)
            {
                await system.OpenNewAsync(handler);
            }
        });
    }

    private static Task<Func<Task>> ColdAsync(ScaleSystem system, StreamName[] streams)
    {
        var handler = system.Bench.NewHandler(cachedStateBytes: 0);
        return Task.FromResult<Func<Task>>(async () => await DepositAsync(system, handler, streams));
    }

    private static async Task<Func<Task>> WarmAsync(ScaleSystem system, StreamName[] streams)
    {
        var handler = system.Bench.NewHandler();
        await DepositAsync(system, handler, streams);
        return async () => await DepositAsync(system, handler, streams);
    }

    private static async Task<Func<Task>> ProjectAsync(ScaleSystem system, StreamName[] streams, IProjection projection, int batch, ProjectorOptions options)
    {
        var handler = system.Bench.NewHandler();
        Projector before = new(system.Bench.Store, system.Bench.Views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
        // Brings the view to the end of these streams; what comes after that is measured.
        await before.ApplyAsync(projection, await DepositAsync(system, handler, streams), CancellationToken.None);
        List<Commit> commits = await DepositAsync(system, handler, streams);
        Projector projector = options.CachedViewBytes > 0 ? before : new(system.Bench.Store, system.Bench.Views, new NetworkFaults(), TimeProvider.System, options);
        return async () =>
        {
            foreach (Commit[] some in commits.Chunk(batch))
            {
                ProjectionResult result = await projector.ApplyAsync(projection, some, CancellationToken.None);
                if (result.Events != some.Length)
                {
                    throw new InvalidOperationException($"{projection.FullName} took {result.Events} events of {some.Length}.");
                }
            }
        };
    }

    private static async Task<List<Commit>> DepositAsync(
        ScaleSystem system,
        CommandHandler<Banking.AccountCommand, Banking.AccountState, Banking.AccountEvent, Banking.AccountRejection> handler,
        StreamName[] streams)
    {
        List<Commit> commits = new(streams.Length);
        foreach (StreamName stream in streams)
        {
            commits.Add(await system.Bench.DepositAsync(handler, stream));
        }
        return commits;
    }
}
