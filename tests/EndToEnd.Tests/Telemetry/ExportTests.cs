using System.Collections.Concurrent;
using System.Net;
using System.Text;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Serverless.EndToEnd.Tests.Support;

namespace Serverless.EndToEnd.Tests.Telemetry;

/// <summary>Where telemetry goes: nowhere, unless the standard variables name a collector.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task Without_an_address_nothing_is_collected()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        using Api api = await system.StartHostAsync();

        Assert.Null(system.Find<TracerProvider>());
        Assert.Null(system.Find<MeterProvider>());
    }

    [Fact]
    public async Task A_collector_gets_traces_metrics_and_logs()
    {
        await using Collector collector = new();
        await using (ConsumerSystem system = ConsumerSystem.Create())
        {
            using Api api = await system.StartHostAsync(new()
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["Logging:LogLevel:Default"] = "Information",
            });
            await api.NewAccountAsync();
        } // Sends what is left.

        Assert.Contains("execute account.open", collector.Received("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("serverless.command.duration", collector.Received("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("ExecuteCommand", collector.Received("/v1/logs"), StringComparison.Ordinal);
    }

    /// <summary>Takes what is posted, and reads it as text: names stand in the messages as they are.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly HttpListener listener = new();
        private readonly ConcurrentDictionary<string, string> received = [];
        private readonly Task running;

        public Collector()
        {
            using (System.Net.Sockets.TcpListener free = new(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
            }
            listener.Prefixes.Add(Address);
            listener.Start();
            running = RunAsync();
        }

        public string Address { get; }

        public string Received(string path) => received.GetValueOrDefault(path, "");

        public async ValueTask DisposeAsync()
        {
            listener.Close();
            await running;
        }

        private async Task RunAsync()
        {
            while (listener.IsListening)
            {
                try
                {
                    HttpListenerContext context = await listener.GetContextAsync();
                    using StreamReader body = new(context.Request.InputStream, Encoding.Latin1);
                    string text = await body.ReadToEndAsync();
                    received.AddOrUpdate(context.Request.Url!.AbsolutePath, text, (_, before) => before + text);
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
