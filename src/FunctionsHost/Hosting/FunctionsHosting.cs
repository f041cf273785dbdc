using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Cosmos;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;
using Serverless.FunctionsHost.Http;
using Serverless.FunctionsHost.Invocation;
using Serverless.FunctionsHost.Protocol;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost;

/// <summary>Adds a Functions host to a program, with the worker in the same process or in one of its own.</summary>
public static class FunctionsHosting
{
    private const string SettingsSection = "FunctionsHost";

    // The worker repeats every failed invocation under this category, cancelled ones too. The host logs each failure once, with the same stack.
    private const string WorkerFailures = "Microsoft.Azure.Functions.Worker.FunctionsApplication";

    /// <summary>
    /// Hosts this function app in its own process: built and run, it serves its functions. The functions are those that the worker's
    /// generators have found for the assembly.
    /// </summary>
    public static void AddFunctionsHost(this FunctionsApplicationBuilder builder, Assembly functions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(functions);
        WorkerListener listener = new();
        WorkerIdentity identity = new(Guid.NewGuid().ToString());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Functions:Worker:HostEndpoint"] = listener.Address.AbsoluteUri,
            ["Functions:Worker:WorkerId"] = identity.Id,
            ["Functions:Worker:RequestId"] = identity.Id,
            ["Functions:Worker:GrpcMaxMessageLength"] = int.MaxValue.ToString(CultureInfo.InvariantCulture),
        });
        Environment.SetEnvironmentVariable("FUNCTIONS_APPLICATION_DIRECTORY", AppContext.BaseDirectory); // The worker looks nowhere else.

        // The worker finds what was generated in the entry assembly, which is another one here. The last registration counts.
        AddGenerated<IFunctionMetadataProvider>(builder.Services, functions);
        AddGenerated<IFunctionExecutor>(builder.Services, functions);

        // Host and worker share the log, so the worker's must not come back through the host.
        builder.Logging.ClearProviders().AddConsole().AddFilter(WorkerFailures, LogLevel.None);
        builder.Services.AddSingleton(listener);
        builder.Services.AddSingleton(identity);
        builder.Services.AddSingleton<IWorkerSource, WorkerInThisProcess>();
        AddHost(builder);
    }

    /// <summary>Hosts a function app that was built before, in a process of its own.</summary>
    /// <param name="builder">A program without functions.</param>
    /// <param name="app">What to run, and with which settings.</param>
    public static void AddFunctionsHost(this HostApplicationBuilder builder, WorkerProgram app)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(app);
        builder.Services.AddSingleton<WorkerListener>();
        builder.Services.AddSingleton<IWorkerSource, WorkerProcess>();
        AddHost(builder);
    }

    private static void AddGenerated<T>(IServiceCollection services, Assembly functions)
        where T : class
    {
        Type generated = Array.Find(functions.GetTypes(), type => type.IsClass && typeof(T).IsAssignableFrom(type))
            ?? throw new InvalidOperationException(
                $"{functions.GetName().Name} has no generated {typeof(T).Name}: build it with Microsoft.Azure.Functions.Worker.Sdk or its generators.");
        services.AddSingleton(typeof(T), generated);
    }

    private static void AddHost(IHostApplicationBuilder builder)
    {
        // The worker's builder takes its root from nowhere but the working directory, whatever its arguments say.
        string root = builder.Configuration[HostDefaults.ContentRootKey] ?? builder.Environment.ContentRootPath;
        HostJson host = HostJson.Load(root, AppContext.BaseDirectory);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = host.LogLevels });
        LocalSettings.AddTo(builder.Configuration, root);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        IServiceCollection services = builder.Services;
        services.Configure<FunctionsHostOptions>(builder.Configuration.GetSection(SettingsSection));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITriggerCosmosClientFactory, ConfiguredCosmosClients>();
        services.AddSingleton(host);
        services.AddSingleton<HostStopping>();
        services.AddSingleton<RunningWorker>();
        services.AddSingleton<FunctionCatalog>();
        services.AddSingleton<FunctionInvoker>();
        services.AddSingleton<RetryingInvoker>();
        services.AddSingleton<FunctionKeys>();
        services.AddSingleton<FunctionList>();
        services.AddSingleton<FunctionsHostAddress>();
        services.AddSingleton(provider => new Lazy<FunctionRouter>(() => new FunctionRouter(
            provider.GetRequiredService<FunctionCatalog>(), host, CreateConstraintResolver(provider), provider.GetRequiredService<ILogger<FunctionRouter>>())));
        services.AddSingleton(provider => new RequestOrigin(
            provider.GetRequiredService<IOptions<FunctionsHostOptions>>().Value, provider.GetRequiredService<FunctionsHostAddress>()));
        services.AddSingleton<HttpFunctionHandler>();
        services.AddSingleton<HttpServer>();
        services.AddSingleton<ControlRoutes>();
        services.AddSingleton<CosmosTriggerService>();
        services.AddSingleton<TimerStatusStore>();
        services.AddSingleton<TimerService>();
        services.AddHostedService<WorkerHosting>();
    }

    private static DefaultInlineConstraintResolver CreateConstraintResolver(IServiceProvider provider)
    {
        RouteOptions routing = new();
        routing.SetParameterPolicy<RegexInlineRouteConstraint>("regex"); // The one constraint that is not there by itself.
        return new DefaultInlineConstraintResolver(Options.Create(routing), provider);
    }
}
