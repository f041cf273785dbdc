using System.Globalization;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>Many items: what they cost in memory, how long they take to come in, and how long to come back from a directory.</summary>
internal static class MillionBenchmark
{
    private const int DefaultItems = 1_000_000;
    private const int ItemsPerKey = 1_000;

    public static async Task RunAsync(int items, string dataDirectory)
    {
        items = items > 0 ? items : DefaultItems;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{items:N0} items, one client without the SDK; memory is the managed heap after a collection"));
        Console.WriteLine();
        Console.WriteLine("| item sent | partition keys | store | load s | processor s | bytes/item | files MB | stop s | open s | processor s | process ready s | processor s |");
        Console.WriteLine("| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        await MeasureAsync(items, 300, ItemsPerKey, null);
        await MeasureAsync(items, 300, 1, null);
        await MeasureAsync(items, 1_000, ItemsPerKey, null);
        await MeasureAsync(items, 1_000, 1, null);
        await MeasureAsync(items, 300, ItemsPerKey, Path.Combine(dataDirectory, "small"));
        await MeasureAsync(items, 1_000, 1, Path.Combine(dataDirectory, "large"));
    }

    private static async Task MeasureAsync(int items, int bytes, int itemsPerKey, string? directory)
    {
        var options = new CosmosEmulatorOptions { DataDirectory = directory };
        long before = GC.GetTotalMemory(forceFullCollection: true);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();
        EmbeddedCosmos cosmos = EmbeddedCosmos.Create(options);
        await LoadAsync(cosmos, items, bytes, itemsPerKey);
        TimeSpan load = TimeProvider.System.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        long perItem = (GC.GetTotalMemory(forceFullCollection: true) - before) / items;
        start = TimeProvider.System.GetTimestamp();
        await cosmos.DisposeAsync();
        TimeSpan stop = TimeProvider.System.GetElapsedTime(start);
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"| {bytes} B | {(itemsPerKey == 1 ? "one each" : $"one for {itemsPerKey:N0}")} | {(directory is null ? "memory" : "disk")} | {load.TotalSeconds:0.0} | {processor.TotalSeconds:0.0} | {perItem:N0} |");
        Console.WriteLine(directory is null ? $"{row} | | | | | |" : $"{row} {await ReopenAsync(options, directory, stop)}");
    }

    private static async Task LoadAsync(EmbeddedCosmos cosmos, int items, int bytes, int itemsPerKey)
    {
        using var http = new HttpMessageInvoker(cosmos.CreateHandler());
        var requests = new Requests(http, cosmos.Endpoint);
        await requests.CreateContainerAsync();
        for (int i = 0; i < items; i++)
        {
            await requests.CreateAsync(Requests.Id(i), Requests.Id(i / itemsPerKey), bytes);
        }
    }

    private static async Task<string> ReopenAsync(CosmosEmulatorOptions options, string directory, TimeSpan stop)
    {
        long size = new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        GC.Collect();
        long start = TimeProvider.System.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        EmbeddedCosmos reopened = EmbeddedCosmos.Create(options);
        TimeSpan open = TimeProvider.System.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        await reopened.DisposeAsync();
        GC.Collect();
        (TimeSpan ready, TimeSpan used) = await StartBenchmark.StartAsync("--data", directory);
        return string.Create(
            CultureInfo.InvariantCulture, $"{size / 1e6:N0} | {stop.TotalSeconds:0.0} | {open.TotalSeconds:0.0} | {processor.TotalSeconds:0.0} | {ready.TotalSeconds:0.0} | {used.TotalSeconds:0.0} |");
    }
}
