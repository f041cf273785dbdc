using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.LocalHost;

namespace Serverless.FaultHarness.Endurance;

/// <summary>
/// The local host as it is, in a process that says now and then how much memory it takes: the runtime's own numbers can't be had from
/// outside.
/// </summary>
internal static partial class MeasuredHost
{
    /// <summary>The first argument of a process that is one.</summary>
    public const string Verb = "serve";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(IReadOnlyList<string> args)
    {
        await using LocalSystem system = await LocalSystem.StartAsync(LocalHostOptions.Parse(args), CancellationToken.None);
        Console.WriteLine($"  API        {system.ApiAddress.AbsoluteUri.TrimEnd('/')}\n  Cosmos DB  {system.CosmosAddress}");
        using PeriodicTimer timer = new(Interval);
        while (await timer.WaitForNextTickAsync())
        {
            GCMemoryInfo gc = GC.GetGCMemoryInfo(GCKind.Any);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"memory heap {gc.HeapSizeBytes} committed {gc.TotalCommittedBytes} collections {GC.CollectionCount(0)} {GC.CollectionCount(2)}"));
        }
    }

    /// <summary>Bytes on the managed heap after the last collection; null for any other line.</summary>
    public static long? HeapOf(string line) =>
        MemoryLine.Match(line) is { Success: true } match ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^memory heap (\d+) ")]
    private static partial Regex MemoryLine { get; }
}
