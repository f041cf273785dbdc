using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Hosting;

namespace Serverless.FunctionsHost.Http;

/// <summary>Kestrel without a web application around it, so that the services of the function app stay its own, as in Azure.</summary>
internal sealed class HttpServer(
    HttpFunctionHandler handler,
    FunctionList list,
    FunctionsHostAddress address,
    IConfiguration configuration,
    IOptions<FunctionsHostOptions> options,
    ILoggerFactory loggers) : IDisposable
{
    private KestrelServer? server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = true };
        kestrel.Limits.MaxRequestBodySize = options.Value.MaxRequestBodyBytes;
        server = new KestrelServer(
            Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        ICollection<string> addresses = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        foreach (string url in FunctionsHostAddress.Configured(configuration))
        {
            addresses.Add(url);
        }

        string wanted = string.Join(", ", addresses);
        try
        {
            await server.StartAsync(new Application(handler), cancellationToken);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            throw new AddressTakenException(wanted, fault);
        }
        catch (Exception fault) when (fault is SocketException or IOException { InnerException: AggregateException })
        {
            throw new AddressTakenException(wanted, fault.GetBaseException().Message, fault);
        }

        address.Set(addresses);
        list.Print(address.BaseAddress);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (server is not null)
        {
            await server.StopAsync(cancellationToken);
        }
    }

    public void Dispose() => server?.Dispose();

    private sealed class Application(HttpFunctionHandler handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler.HandleAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
