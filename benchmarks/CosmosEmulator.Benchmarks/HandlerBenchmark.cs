using System.Globalization;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>The emulator without the SDK: what one request costs it, in processor time and memory. For finding out what is slow.</summary>
internal static class HandlerBenchmark
{
    private const int WarmUp = 20_000;
    private const int DefaultOperations = 50_000;

    public static async Task RunAsync(int operations, string only, string dataDirectory)
    {
        operations = operations > 0 ? operations : DefaultOperations;
        Console.WriteLine("| request | store | processor µs | elapsed µs | bytes allocated |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: |");
        string[] stores = ["memory", "disk", "memory", "disk"]; // Twice, because the first of them pays for the compiler.
        for (int i = 0; i < stores.Length; i++)
        {
            string store = stores[i];
            if (!store.Contains(only, StringComparison.Ordinal))
            {
                continue;
            }

            string? directory = store == "disk" ? Path.Combine(dataDirectory, $"{i}") : null;
            await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = directory });
            using var http = new HttpMessageInvoker(cosmos.CreateHandler());
            var requests = new Requests(http, cosmos.Endpoint);
            await requests.CreateContainerAsync();
            await requests.CreateAsync(Requests.Id(0), Requests.Id(0), Target.ItemBytes);
            await MeasureAsync("create", store, operations, number => requests.CreateAsync(Requests.Id(number), Requests.Id(number), Target.ItemBytes));
            await MeasureAsync("point read", store, operations, _ => requests.ReadAsync(Requests.Id(0), Requests.Id(0)));
        }
    }

    private static async Task MeasureAsync(string name, string store, int operations, Func<int, Task> operation)
    {
        for (int i = 1; i <= WarmUp; i++)
        {
            await operation(i);
        }

        GC.Collect();
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();
        for (int i = 1; i <= operations; i++)
        {
            await operation(WarmUp + i);
        }

        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {store} | {processor.TotalMicroseconds / operations:0.0} | {elapsed.TotalMicroseconds / operations:0.0} | {bytes / operations:N0} |"));
    }
}
