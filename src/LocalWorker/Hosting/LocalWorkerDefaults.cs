using System.Text.Json;
using Azure.Core.Serialization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.LocalWorker.CosmosTriggers;
using Serverless.LocalWorker.Http;
using Serverless.LocalWorker.Indexing;
using Serverless.LocalWorker.Invocation;

namespace Serverless.LocalWorker.Hosting;

/// <summary>What a function app has before its own Program.cs adds anything, and what is added when it is built.</summary>
internal static class LocalWorkerDefaults
{
    public static HostApplicationBuilder CreateBuilder(string[] args)
    {
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables("AZURE_FUNCTIONS_");
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { Args = args, Configuration = configuration });
        HostJson host = HostJson.Load(builder.Environment.ContentRootPath, AppContext.BaseDirectory);
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = host.LogLevels });
        LocalSettings.AddTo(configuration, builder.Environment.ContentRootPath);
        builder.Services.AddSingleton(host);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.Configure<LocalWorkerOptions>(configuration.GetSection("LocalWorker"));
        builder.Services.Configure<JsonSerializerOptions>(json => json.PropertyNameCaseInsensitive = true);
        builder.Services.AddOptions<WorkerOptions>().PostConfigure<IOptions<JsonSerializerOptions>>(
            (worker, json) => worker.Serializer ??= new JsonObjectSerializer(json.Value));
        return builder;
    }

    /// <summary>Comes last, so that hosted services of the application (such as provisioning) have started before the first function runs.</summary>
    public static void AddHost(IServiceCollection services, IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(middleware);
        services.AddSingleton<FunctionCatalog>();
        services.AddSingleton<FunctionExecutor>();
        services.AddSingleton<FunctionKeys>();
        services.AddSingleton<FunctionList>();
        services.AddSingleton<HttpFunctionHandler>();
        services.AddSingleton<LocalWorkerAddress>();
        services.AddSingleton(provider => new FunctionRouter(
            provider.GetRequiredService<FunctionCatalog>(),
            provider.GetRequiredService<HostJson>(),
            CreateConstraintResolver(provider),
            provider.GetRequiredService<ILogger<FunctionRouter>>()));
        services.TryAddSingleton<ITriggerCosmosClientFactory, ConfiguredCosmosClients>();
        services.AddSingleton<RetryingExecutor>();
        services.AddHostedService<LocalHttpServer>();
        services.AddHostedService<CosmosTriggerService>();
    }

    private static DefaultInlineConstraintResolver CreateConstraintResolver(IServiceProvider provider)
    {
        var routing = new RouteOptions();
        routing.SetParameterPolicy<RegexInlineRouteConstraint>("regex"); // The one constraint that is not there by itself.
        return new DefaultInlineConstraintResolver(Options.Create(routing), provider);
    }
}
