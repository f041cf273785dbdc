using System.Collections.Frozen;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.ApiDescription;
using Serverless.Functions.Commands;
using Serverless.Functions.Health;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;
using Serverless.Functions.Telemetry;
using Serverless.Functions.Views;

namespace Serverless.Functions;

/// <summary>Puts the system together: the same for Azure and for this machine.</summary>
public static class ServiceRegistration
{
    /// <summary>
    /// <c>true</c> creates missing containers at start, for emulators. In Azure the templates do it, and the app may not.
    /// </summary>
    public const string ProvisionSetting = "ProvisionContainers";

    /// <summary>The settings of <see cref="ConsumerOptions"/>, such as <c>Consumers__MaxAttempts</c>.</summary>
    public const string ConsumersSection = "Consumers";

    /// <summary>The settings of <see cref="InboxOptions"/>, such as <c>Inbox__KeepOutcomes</c> (<c>d.hh:mm:ss</c>).</summary>
    public const string InboxSection = "Inbox";

    /// <summary>The settings of <see cref="RefusedCommandOptions"/>, such as <c>RefusedCommands__Record</c> and <c>RefusedCommands__Keep</c>.</summary>
    public const string RefusedCommandsSection = "RefusedCommands";

    extension(FunctionsApplicationBuilder builder)
    {
        /// <summary>The functions of a bounded context on Cosmos DB, which the settings name.</summary>
        public FunctionsApplicationBuilder AddServerless(BoundedContext context)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Services.AddCosmosEventSourcing(_ => CosmosSettings.From(builder.Configuration));
            builder.Services.AddSingleton<IStorageProbe, CosmosProbe>();
            if (builder.Configuration.GetValue(ProvisionSetting, defaultValue: false))
            {
                builder.Services.AddHostedService<Provisioner>();
            }
            return builder.AddFunctions(context);
        }

        /// <summary>
        /// The functions without a store: <see cref="IEventStore"/>, <see cref="ICommitLog"/>, <see cref="IViewStore"/>, <see cref="IFenceStore"/>, <see cref="IInboxStore"/>, <see cref="IParkedStore"/>,
        /// <see cref="IActionStore"/>, <see cref="IConsumerStore"/>, <see cref="IVersionStore"/>, <see cref="IConsumerFeeds"/>,
        /// <see cref="ICommitFeed"/>, <see cref="IRefusedCommandStore"/> and <see cref="IStorageProbe"/> are the caller's.
        /// </summary>
        public FunctionsApplicationBuilder AddFunctions(BoundedContext context)
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentNullException.ThrowIfNull(context);
            builder.AddTelemetry();
            builder.UseMiddleware<ProblemMiddleware>();
            builder.UseMiddleware<ManagementMiddleware>();
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.TryAddSingleton<CommandHandlerOptions>();
            builder.Services.TryAddSingleton<ProjectorOptions>();
            builder.Services.TryAddSingleton<IStoreFaults, NetworkFaults>(); // A store with exceptions of its own brings its own.
            builder.Services.AddSingleton(context);
            builder.Services.AddSingleton<Caller>();
            builder.Services.AddSingleton<StorageHealth>();
            builder.Services.AddSingleton<ConsumerHealth>();
            builder.Services.AddSingleton<RoleRules>();
            builder.Services.AddSingleton<SignIn>();
            if (SignIn.IsOnIn(builder.Configuration))
            {
                SignInMetadata.Decorate(builder.Services);
            }
            builder.Services.AddHostedService<SettingsCheck>();
            builder.Services.AddSingleton<ApiDocument>();
            builder.Services.AddSingleton<ViewReader>();
            builder.Services.AddSingleton<Projector>();
            builder.Services.TryAddSingleton(builder.Configuration.GetSection(ConsumersSection).Get<ConsumerOptions>() ?? new ConsumerOptions());
            builder.Services.AddSingleton<DeliveredCommits>();
            builder.Services.AddSingleton<ConsumerRunner>();
            builder.Services.TryAddSingleton<IWorkNotes, InMemoryWorkNotes>(); // A store that outlives the process brings its own.
            builder.Services.AddSingleton<CrashWatch>();
            builder.Services.AddSingleton<WatchedConsumers>();
            builder.Services.TryAddSingleton(builder.Configuration.GetSection(InboxSection).Get<InboxOptions>() ?? new InboxOptions());
            builder.Services.AddSingleton<Inbox>();
            builder.Services.AddSingleton<InboxRunner>();
            builder.Services.AddSingleton<WatchedInbox>();
            builder.Services.AddSingleton(services => new InboxExecutor(
                services.GetRequiredService<FrozenDictionary<string, IAggregateEndpoint>>(),
                services.GetRequiredService<IInboxStore>(),
                services.GetRequiredService<IStoreFaults>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<InboxOptions>(),
                CommandProblems.ReasonOf));
            builder.Services.AddSingleton<ParkedStreams>();
            builder.Services.AddSingleton<OperatorActions>();
            builder.Services.AddSingleton(services => new RecordedImport(
                services.GetRequiredService<IEventStore>(),
                services.GetRequiredService<OperatorActions>(),
                services.GetRequiredService<FrozenDictionary<string, IAggregateEndpoint>>().ContainsKey));
            builder.Services.AddSingleton<ConsumerMonitor>();
            builder.Services.AddSingleton<ConsumerRecorder>();
            builder.Services.AddSingleton<ConsumerStatusReader>();
            builder.Services.AddHostedService<ConsumerRecording>();
            builder.Services.AddSingleton<VersionedProjections>();
            builder.Services.AddSingleton<VersionTakeover>();
            builder.Services.AddSingleton<VersionRetirement>();
            builder.Services.AddSingleton<ViewRebuild>();
            builder.Services.AddSingleton<TakeoverSignal>();
            builder.Services.AddHostedService<TakeoverWatch>();
            builder.Services.AddSingleton<ProcessStarts>();
            builder.Services.AddHostedService<ProcessStartup>();
            builder.Services.AddSingleton<ConsumerFeed>();
            builder.Services.AddSingleton<Auditor>();
            builder.Services.TryAddSingleton(
                builder.Configuration.GetSection(RefusedCommandsSection).Get<RefusedCommandOptions>() ?? new RefusedCommandOptions());
            builder.Services.AddSingleton<RefusedCommands>();
            builder.Services.AddSingleton(services => services.GetRequiredService<RefusedCommands>().Recorder);
            builder.Services.AddSingleton(services => new WhatIf(
                services.GetRequiredService<FrozenDictionary<string, IAggregateEndpoint>>(),
                services.GetRequiredService<ICommitLog>(),
                services.GetRequiredService<IRefusedCommandStore>(),
                services.GetRequiredService<TimeProvider>()));
            builder.Services.AddSingleton(services =>
            {
                var aggregates = context.Bind(
                    services.GetRequiredService<IEventStore>(),
                    services.GetRequiredService<TimeProvider>(),
                    services.GetRequiredService<CommandHandlerOptions>(),
                    services.GetRequiredService<RefusedCommandRecorder>());
                Routes.Check(aggregates.Values);
                return aggregates;
            });
            return builder;
        }
    }

    /// <summary>
    /// A rule that protects nothing, or an inbox without a key, stops the start and not the first request. A rule that protects less than it seems
    /// to is logged.
    /// </summary>
    private sealed class SettingsCheck(RoleRules rules, SignIn signIn, IInboxStore inbox, ILogger<RoleRules> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = inbox; // That it could be made is the check.
            signIn.CheckSettings();
            foreach (string leak in rules.Leaks)
            {
                logger.LogWarning("{Leak}", leak);
            }
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
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
