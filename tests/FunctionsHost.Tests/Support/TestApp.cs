using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.FunctionsHost.Tests.Support;

/// <summary>A function app with the given classes, built as a Program.cs builds one, on any free port.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly string directory;
    private HttpClient? client;

    private TestApp(IHost host, RecordedLogs logs, string directory)
    {
        this.directory = directory;
        Host = host;
        Logs = logs;
    }

    public IHost Host { get; }

    public RecordedLogs Logs { get; }

    public HttpClient Client => client ??= new HttpClient(new SocketsHttpHandler { UseCookies = false })
    {
        BaseAddress = Host.Services.GetRequiredService<FunctionsHostAddress>().BaseAddress,
    };

    public static TestApp Create(Action<FunctionsApplicationBuilder>? configure = null, string? hostJson = null, string? localSettings = null,
        string[]? args = null, params Type[] classes)
    {
        string directory = Directory.CreateTempSubdirectory("local-worker-").FullName;
        try
        {
            return Build(directory, configure, hostJson, localSettings, args, classes);
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    public static async Task<TestApp> StartAsync(Action<FunctionsApplicationBuilder>? configure = null, string? hostJson = null,
        params Type[] classes)
    {
        TestApp app = Create(configure, hostJson, null, null, classes);
        await app.Host.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        if (Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested)
        {
            await Host.StopAsync(CancellationToken.None);
        }

        await ((IAsyncDisposable)Host).DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static TestApp Build(string directory, Action<FunctionsApplicationBuilder>? configure, string? hostJson, string? localSettings,
        string[]? args, Type[] classes)
    {
        if (hostJson is not null)
        {
            File.WriteAllText(Path.Combine(directory, "host.json"), hostJson);
        }

        if (localSettings is not null)
        {
            File.WriteAllText(Path.Combine(directory, "local.settings.json"), localSettings);
        }

        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([.. args ?? ["--port", "0"], "--contentRoot", directory]);
        builder.AddFunctionsHost(typeof(TestApp).Assembly);
        var logs = new RecordedLogs();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
        builder.Services.Configure<FunctionsHostOptions>(options =>
        {
            options.PrintFunctions = false;
            foreach (Type type in classes)
            {
                options.FunctionClasses.Add(type);
            }
        });
        configure?.Invoke(builder);
        return new TestApp(builder.Build(), logs, directory);
    }
}
