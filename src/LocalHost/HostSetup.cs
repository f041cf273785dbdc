using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Serverless.FunctionsHost;

namespace Serverless.LocalHost;

/// <summary>A Functions host before it is built, with the function app in this process or in one of its own. Its settings reach both.</summary>
internal sealed class HostSetup
{
    private readonly Dictionary<string, string?> settings = [];
    private readonly IHostApplicationBuilder builder;
    private readonly Func<IHost> build;

    public HostSetup(LocalHostOptions options)
    {
        if (options.HasWorkerProcess)
        {
            HostApplicationBuilder host = new();
            host.AddFunctionsHost(new WorkerProgram(AppContext.BaseDirectory, settings));
            (builder, build) = (host, host.Build);
        }
        else
        {
            FunctionsApplicationBuilder app = FunctionsApplication.CreateBuilder([]);
            app.AddFunctionsHost(typeof(App).Assembly);
            (builder, build) = (app, () => Build(app));
        }
        builder.Services.Configure<FunctionsHostOptions>(host =>
        {
            host.PrintFunctions = options.IsVerbose;
            host.OwnRoutes["/"] = static context =>
            {
                context.Response.Redirect("/api/console");
                return Task.CompletedTask;
            };
        });
        // A start that fails is told by who started it; the host's own log of it is a page of stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        foreach ((string name, string? value) in options.Settings)
        {
            this[name] = value;
        }
        this["Logging:LogLevel:Default"] = options.IsVerbose ? "Information" : "Warning"; // host.json speaks for the cloud.
        if (options.LogsWork)
        {
            this["Logging:LogLevel:Serverless.Functions"] ??= "Information";
            this["Logging:LogLevel:Serverless.FunctionsHost"] ??= options.IsVerbose ? "Information" : "Warning";
            this["Logging:LogLevel:Serverless.EventSourcing"] ??= "Information";
            builder.Logging.AddConsole(console => console.FormatterName = LocalLog.FormatterName).AddConsoleFormatter<LocalLog, ConsoleFormatterOptions>();
        }
        builder.Configuration["port"] = $"{options.Port}";
    }

    /// <summary>Services that take the place of the app's, where that is in this process.</summary>
    public Action<IServiceCollection>? OverrideApp { get; set; }

    public IConfiguration Configuration => builder.Configuration;

    /// <summary>Services of the host.</summary>
    public IServiceCollection Services => builder.Services;

    public string? this[string name]
    {
        get => builder.Configuration[name];
        set
        {
            builder.Configuration[name] = value;
            settings[name] = value;
        }
    }

    public IHost Build() => build();

    private IHost Build(FunctionsApplicationBuilder app)
    {
        App.Configure(app);
        OverrideApp?.Invoke(app.Services);
        return app.Build();
    }
}
