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

string? Option(string name) => args.FirstOrDefault(a => a.StartsWith($"--{name}=", StringComparison.Ordinal))?.Split('=', 2)[1];

bool IsChosen(string part) => chosen.Length == 0 || chosen.Contains(part);
