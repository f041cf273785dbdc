using System.Globalization;
using System.Runtime.InteropServices;
using Serverless.Benchmarks;

// Prints the tables of docs/performance.md. Names of parts choose among them ("projections runs": events in runs only; "replay turn": one
// order of events); --quick is for trying the program itself. The stores of replay are kept in --store=<directory> for the next run.
bool isQuick = args.Contains("--quick");
string[] chosen = [.. args.Where(a => !a.StartsWith('-'))];
int rounds = isQuick ? 3 : 9;

Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors");
if (IsChosen("commands"))
{
    await CommandBenchmarks.RunAsync(rounds, operations: isQuick ? 500 : 4_000);
}
if (IsChosen("hot"))
{
    await HotStreamBenchmarks.RunAsync(rounds, operations: isQuick ? 200 : 2_000);
}
if (IsChosen("load"))
{
    await LoadBenchmarks.RunAsync(rounds, operations: isQuick ? 200 : 2_000);
}
if (IsChosen("http"))
{
    await HttpBenchmarks.RunAsync(rounds, operations: isQuick ? 400 : 2_000);
}
if (IsChosen("projections"))
{
    int[] runLengths = chosen.Contains("runs") ? [100] : [1, 100];
    await ProjectionBenchmarks.RunAsync(events: isQuick ? 20_000 : 200_000, runLengths);
}
if (IsChosen("replay"))
{
    ReplayOrder[] orders = [.. ReplayOrder.All.Where(o => chosen.Contains(o.Name))];
    var ways = Rebuild.Ways.Where(w => chosen.Contains(w.Name)).ToArray();
    await ReplayBenchmarks.RunAsync(
        Option("store") ?? Path.Combine(Path.GetTempPath(), "serverless-replay"),
        orders.Length > 0 ? orders : ReplayOrder.All,
        ways.Length > 0 ? ways : Rebuild.Ways,
        events: Option("events") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : isQuick ? 20_000 : 1_000_000,
        rounds: Option("rounds") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : 3);
}
// The tables of docs/scale.md. Minutes and gigabytes: only when asked for. "--streams=100000 --partitions=16" runs one size.
if (chosen.Contains("scale"))
{
    (int, int)[] sizes = Option("streams") is { } streams
        ? [(int.Parse(streams, CultureInfo.InvariantCulture), int.Parse(Option("partitions") ?? "16", CultureInfo.InvariantCulture))]
        : isQuick ? [(1_000, 1), (10_000, 4)] : [(1_000, 32), (10_000, 4), (100_000, 16), (1_000_000, 32)];
    await ScaleBenchmarks.RunAsync(sizes, rounds: isQuick ? 3 : 5);
}
// Publishes programs first.
if (chosen.Contains("cold-start"))
{
    await ColdStartBenchmarks.RunAsync(rounds: isQuick ? 3 : 15);
}
if (chosen.Contains("idle"))
{
    await IdleBenchmarks.RunAsync([1, 8, 32], TimeSpan.FromSeconds(isQuick ? 20 : 120));
}
if (chosen.Contains("costs"))
{
    // Only by its name: it waits for minutes, as the triggers and timers do.
    await CostBenchmarks.RunAsync(window: TimeSpan.FromSeconds(isQuick ? 20 : 300), commands: isQuick ? 200 : 2_000);
}

string? Option(string name) => args.FirstOrDefault(a => a.StartsWith($"--{name}=", StringComparison.Ordinal))?.Split('=', 2)[1];

bool IsChosen(string part) => chosen.Length == 0 || chosen.Contains(part);
