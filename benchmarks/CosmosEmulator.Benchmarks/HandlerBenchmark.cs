using System.Globalization;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>The emulator without the SDK: what one request costs it, in processor time and memory. For finding out what is slow.</summary>
internal static class HandlerBenchmark
{
    private const int WarmUp = 20_000;
    private const int Operations = 50_000;

    public static async Task RunAsync(string dataDirectory)
    {
        Console.WriteLine("| request | store | processor µs | elapsed µs | bytes allocated |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: |");
        foreach (string? directory in (string?[])[null, dataDirectory, null, dataDirectory + "2"])
        {
            await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = directory });
            using var http = new HttpMessageInvoker(cosmos.CreateHandler());
            var requests = new Requests(http, cosmos.Endpoint);
            await requests.PostAsync("dbs", """{"id":"bench"}""");
            await requests.PostAsync("dbs/bench/colls", """{"id":"items","partitionKey":{"paths":["/pk"],"kind":"Hash"}}""");
            await requests.CreateAsync(0);
            string store = directory is null ? "memory" : "disk";
            await MeasureAsync("create", store, requests.CreateAsync);
            await MeasureAsync("point read", store, _ => requests.ReadAsync());
        }
    }

    private static async Task MeasureAsync(string name, string store, Func<int, Task> operation)
    {
        for (int i = 1; i <= WarmUp; i++)
        {
            await operation(i);
        }

        GC.Collect();
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();
        for (int i = 1; i <= Operations; i++)
        {
            await operation(WarmUp + i);
        }

        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {store} | {processor.TotalMicroseconds / Operations:0.0} | {elapsed.TotalMicroseconds / Operations:0.0} | {bytes / Operations:N0} |"));
    }

    private sealed class Requests(HttpMessageInvoker http, Uri endpoint)
    {
        private readonly Uri items = new(endpoint, "dbs/bench/colls/items/docs");
        private readonly Uri item = new(endpoint, "dbs/bench/colls/items/docs/0000000000");

        public async Task CreateAsync(int number)
        {
            string id = number.ToString("0000000000", CultureInfo.InvariantCulture);
            using var request = new HttpRequestMessage(HttpMethod.Post, items) { Content = new ByteArrayContent(Target.Item(id, id)) };
            request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", $"[\"{id}\"]");
            await SendAsync(request);
        }

        public async Task ReadAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, item);
            request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", "[\"0000000000\"]");
            await SendAsync(request);
        }

        public async Task PostAsync(string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path)) { Content = new StringContent(body) };
            await SendAsync(request);
        }

        private async Task SendAsync(HttpRequestMessage request)
        {
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
        }
    }
}
