using System.Globalization;
using Serverless.CosmosEmulator.Benchmarks;

string what = args.Length > 0 ? args[0] : "ceiling";
int number = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 0;
string directory = Directory.CreateTempSubdirectory("cosmos-emulator-bench-").FullName;
try
{
    switch (what)
    {
        case "ceiling":
            return await CeilingBenchmark.RunAsync(number > 0 ? number : 21, args.Length > 2 ? args[2] : "", directory) ? 0 : 1;
        case "handler":
            await HandlerBenchmark.RunAsync(number, args.Length > 2 ? args[2] : "", directory);
            return 0;
        case "sharing":
            await SharingBenchmark.RunAsync(number, directory);
            return 0;
        case "range":
            await RangeBenchmark.RunAsync();
            return 0;
        case "million":
            await MillionBenchmark.RunAsync(number, directory);
            return 0;
        case "start":
            await StartBenchmark.RunAsync(number, directory);
            return 0;
        default:
            await Console.Error.WriteLineAsync("Benchmarks: ceiling [rounds [part of a name]], handler [operations [memory|disk]], sharing [rounds], range, million [items], start [runs]");
            return 2;
    }
}
finally
{
    Directory.Delete(directory, recursive: true);
}
