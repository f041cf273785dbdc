using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Serverless.Cli.Tests.Support;

/// <summary>A server that is not the API: it answers every request as it is told, and remembers the keys that were sent to it.</summary>
internal sealed class Stranger : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task loop;

    private Stranger(int port, Action<HttpListenerContext> answer)
    {
        Address = new Uri($"http://127.0.0.1:{port}/");
        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        loop = RunAsync(answer);
    }

    public Uri Address { get; }

    /// <summary>One entry for each request; null where no key came with it.</summary>
    public ConcurrentQueue<string?> Keys { get; } = [];

    public static Stranger Start(Action<HttpListenerContext> answer)
    {
        while (true)
        {
            try
            {
                return new Stranger(FreePort(), answer);
            }
            catch (HttpListenerException)
            {
                // Another program took the port in between.
            }
        }
    }

    public static void Json(HttpListenerContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await loop;
        listener.Close();
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task RunAsync(Action<HttpListenerContext> answer)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // Stopped.
            }
            Keys.Enqueue(context.Request.Headers["x-functions-key"]);
            answer(context);
            context.Response.Close();
        }
    }
}
