using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Serverless.FunctionsHost.Protocol;

/// <summary>
/// Where workers open their streams: HTTP/2 without TLS on a free port of this machine. Only a worker that shows the id it was given gets in.
/// The port is known from the start, because a worker has to be told of it before anything runs.
/// </summary>
internal sealed class WorkerListener : IAsyncDisposable
{
    private const string StreamPath = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream";
    private const int WindowBytes = 8 * 1024 * 1024; // A body of a hundred megabytes is one message.

    private readonly ConcurrentDictionary<string, TaskCompletionSource<WorkerChannel>> expected = new();
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private KestrelServer? server;

    public WorkerListener()
    {
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = new Uri($"http://{socket.LocalEndPoint}");
    }

    public Uri Address { get; }

    public async Task StartAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.Http2.InitialConnectionWindowSize = WindowBytes;
        options.Limits.Http2.InitialStreamWindowSize = WindowBytes;
        options.Listen((IPEndPoint)socket.LocalEndPoint!, listen => listen.Protocols = HttpProtocols.Http2);
        SocketTransportOptions transport = new() { CreateBoundListenSocket = _ => socket };
        server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(transport), loggers), loggers);
        await server.StartAsync(new Application(HandleAsync), cancellationToken);
    }

    /// <summary>The stream of the worker with this id, once it has opened it.</summary>
    public Task<WorkerChannel> ExpectAsync(string workerId) =>
        expected.GetOrAdd(workerId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (server is not null)
        {
            await server.StopAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        server?.Dispose();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method != HttpMethods.Post || context.Request.Path != StreamPath)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync(context.RequestAborted);
        StreamMessage? first = await GrpcFrames.ReadAsync(context.Request.BodyReader, context.RequestAborted);
        if (first?.StreamStart?.WorkerId is not { } id || !expected.TryRemove(id, out TaskCompletionSource<WorkerChannel>? waiting))
        {
            context.Response.AppendTrailer("grpc-status", "7"); // Permission denied.
            return;
        }
        await using WorkerChannel channel = new();
        waiting.SetResult(channel);
        await channel.RunAsync(context.Request.BodyReader, context.Response.BodyWriter, context.RequestAborted);
        if (!context.RequestAborted.IsCancellationRequested)
        {
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private sealed class Application(Func<HttpContext, Task> handle) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
