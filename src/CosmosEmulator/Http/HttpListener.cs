using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.CosmosEmulator.Hosting;
using HttpProtocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols;
using ListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;

namespace Serverless.CosmosEmulator.Http;

/// <summary>The transport for other programs: HTTP on the loopback addresses.</summary>
internal sealed class HttpListener : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication application;

    private HttpListener(WebApplication application, Uri address)
    {
        this.application = application;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>
    /// Port 0 takes any free one. Throws <see cref="PortTakenException"/> when another program listens there, and
    /// <see cref="CertificateMissingException"/>.
    /// </summary>
    public static async Task<HttpListener> StartAsync(
        Pipeline pipeline, ControlRoutes? control, CosmosEmulatorOptions options, int port, CancellationToken cancellationToken)
    {
        X509Certificate2? certificate = options.UseHttps ? await DevelopmentCertificate.FindOrCreateAsync(cancellationToken) : null;
        var tlsWatch = new TlsWatch(options.OnNotice, options.Clock);
        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is null)
            {
                listen.Use(next => connection => tlsWatch.RunAsync(connection, next));
            }
            else
            {
                listen.UseHttps(certificate);
            }
        }

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();

        // Signals belong to the program that this runs in. The lifetime that is there by default would swallow them.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.RequestBytes;
            if (port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0, Configure); // "localhost" is two addresses, which can't share an arbitrary port.
            }
            else
            {
                kestrel.ListenLocalhost(port, Configure);
            }
        });
        WebApplication application = builder.Build();
        var guard = new BrowserGuard(options.AllowedHosts);
        application.Run(context => guard.Check(context.Request) is { } refusal
            ? Write(context, Answer.Refuse(refusal))
            : Handle(context, pipeline, control, options.RequireKeyOverHttp));
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await application.DisposeAsync();
            throw new PortTakenException(port, exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException { InnerException: AggregateException })
        {
            await application.DisposeAsync();
            throw new PortTakenException(port, exception.GetBaseException().Message, exception);
        }

        string bound = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new HttpListener(application, AddressOf(bound));
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    /// <summary>The certificate is for the name of this machine, not for its address.</summary>
    private static Uri AddressOf(string bound)
    {
        var address = new Uri(bound);
        return address.Scheme == Uri.UriSchemeHttps ? new UriBuilder(address) { Host = "localhost" }.Uri : address;
    }

    private static async Task Handle(HttpContext context, Pipeline pipeline, ControlRoutes? control, bool requireKey)
    {
        try
        {
            var request = new ContextRequest(context.Request)
            {
                Method = context.Request.Method,
                Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                BaseAddress = $"{context.Request.Scheme}://{context.Request.Host}/",
                Body = await ReadBody(context),
            };
            await Write(context, ControlRoutes.IsReady(request) ? ControlRoutes.Ready : control is not null && ControlRoutes.AreFor(request.Target) && IsLocal(context)
                ? await control.HandleAsync(request)
                : await pipeline.Handle(request, requireKey));
        }
        catch (ConnectionDroppedException)
        {
            context.Abort();
        }
        catch (BadHttpRequestException exception)
        {
            await Write(context, Answer.Refuse(
                exception.StatusCode == 413 ? Errors.RequestTooLarge : Errors.BadRequest(exception.Message)));
        }
    }

    /// <summary>The listener is bound to loopback addresses; should that ever change, faults stay what this machine decides on.</summary>
    private static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    private static async Task<ReadOnlyMemory<byte>> ReadBody(HttpContext context)
    {
        if (context.Request.ContentLength is { } length and <= Limits.RequestBytes)
        {
            var body = new byte[length];
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            return body;
        }

        using var copy = new MemoryStream();
        await context.Request.Body.CopyToAsync(copy, context.RequestAborted);
        return copy.ToArray();
    }

    private static async Task Write(HttpContext context, Answer answer)
    {
        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        answer.WriteHeaders(response.Headers, static (headers, name, value) => headers[name] = value);
        if (answer.Status is 204 or 304)
        {
            return; // Neither may have a body, nor say how long it would be.
        }

        response.ContentLength = answer.Body.Length;
        if (!answer.Body.IsEmpty)
        {
            response.ContentType = "application/json";
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class ContextRequest(HttpRequest request) : CosmosRequest
    {
        public override string? Header(string name) => request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
    }
}
