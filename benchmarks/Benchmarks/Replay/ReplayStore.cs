using System.Globalization;
using Serverless.EventSourcing;

namespace Serverless.Benchmarks;

/// <summary>A durable store of many commits, one event each, written by commands; made once and used again by later runs.</summary>
internal static class ReplayStore
{
    private const int Writers = 16;
    private const string CompleteFile = "complete";

    /// <summary>Opens the store of an order and a size under <paramref name="directory"/>, or makes it.</summary>
    public static async Task<BenchSystem> OpenAsync(string directory, ReplayOrder order, int events)
    {
        string path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{order.Name}-{events}"));
        string complete = Path.Combine(path, CompleteFile);
        if (!File.Exists(complete) && Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true); // A run was stopped while it wrote.
        }
        BenchSystem system = await BenchSystem.StartAsync(path);
        if (!File.Exists(complete))
        {
            await FillAsync(system, order.Visits(events));
            await File.WriteAllTextAsync(complete, "");
        }
        return system;
    }

    private static async Task FillAsync(BenchSystem system, IReadOnlyList<Visit> visits)
    {
        var handler = system.NewHandler(cachedStateBytes: 1_000_000_000);
        HashSet<int>[] opened = [.. Enumerable.Range(0, Writers).Select(_ => new HashSet<int>())];
        // Each writer has streams of its own, which keeps the order of each stream and nearly that of all.
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            foreach (Visit visit in visits.Where(v => v.Stream % Writers == writer))
            {
                StreamName stream = StreamOf(visit.Stream);
                for (int i = 0; i < visit.Events; i++)
                {
                    await (opened[writer].Add(visit.Stream) ? system.OpenAsync(handler, stream) : system.DepositAsync(handler, stream));
                }
            }
        })));
    }

    private static StreamName StreamOf(int number) => BenchSystem.StreamOf("replay_", number);
}
