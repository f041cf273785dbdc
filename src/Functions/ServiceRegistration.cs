using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Health;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions;

/// <summary>Puts the system together: the same for Azure and for this machine.</summary>
public static class ServiceRegistration
{
    extension(FunctionsApplicationBuilder builder)
    {
        /// <summary>The functions of a bounded context on Cosmos DB, which the settings name.</summary>
        public FunctionsApplicationBuilder AddServerless(BoundedContext context)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Services.AddCosmosEventSourcing(_ => CosmosSettings.From(builder.Configuration));
            builder.Services.AddSingleton<IStorageProbe, CosmosProbe>();
            return builder.AddFunctions(context);
        }

        /// <summary>The functions without a store: <see cref="IEventStore"/>, <see cref="IViewStore"/> and <see cref="IStorageProbe"/> are the caller's.</summary>
        public FunctionsApplicationBuilder AddFunctions(BoundedContext context)
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentNullException.ThrowIfNull(context);
            builder.UseMiddleware<ProblemMiddleware>();
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.TryAddSingleton<CommandHandlerOptions>();
            builder.Services.TryAddSingleton<ProjectorOptions>();
            builder.Services.AddSingleton(context);
            builder.Services.AddSingleton<Caller>();
            builder.Services.AddSingleton<Projector>();
            builder.Services.AddSingleton<ProjectionFeed>();
            builder.Services.AddSingleton(services =>
            {
                var aggregates = context.Bind(
                    services.GetRequiredService<IEventStore>(),
                    services.GetRequiredService<TimeProvider>(),
                    services.GetRequiredService<CommandHandlerOptions>());
                Routes.Check(aggregates.Values);
                return aggregates;
            });
            return builder;
        }
    }

    private sealed class CosmosProbe(CosmosHealth health) : IStorageProbe
    {
        public async Task<IReadOnlyList<StorageFault>> FindFaultsAsync(CancellationToken cancellationToken)
        {
            CosmosHealthReport report = await health.CheckAsync(cancellationToken);
            return [.. report.Containers.Where(c => !c.IsHealthy).Select(c => new StorageFault(c.Container, c.Problem!))];
        }
    }
}
