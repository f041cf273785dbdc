using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// Traces, metrics and logs go where the standard variables say, <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> before all; without it nothing is
/// collected, and the console is all there is. Where else they go is for the program to say.
/// </summary>
public static class TelemetryRegistration
{
    /// <summary>The address of a collector; the variable that every OpenTelemetry SDK knows.</summary>
    public const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The source of the isolated worker: a span for each function that runs, with the attributes of the conventions for functions.</summary>
    public const string WorkerSource = "Microsoft.Azure.Functions.Worker";

    /// <summary>The source of the Cosmos DB client: a span for each operation, with the attributes of the conventions for databases.</summary>
    public const string CosmosSource = "Azure.Cosmos.Operation";

    /// <summary>Everything that this system tells of itself.</summary>
    public static IOpenTelemetryBuilder WithServerless(this IOpenTelemetryBuilder telemetry)
    {
        ArgumentNullException.ThrowIfNull(telemetry);
        AppContext.SetSwitch(CosmosClients.TracingSwitch, true);
        return telemetry
            .WithTracing(traces => traces
                .AddSource(EventSourcingTelemetry.SourceName, WorkerSource, CosmosSource)
                .AddProcessor(new BackgroundPolls())) // Before any exporter.
            .WithMetrics(metrics => metrics.AddMeter(EventSourcingTelemetry.MeterName))
            .WithLogging(configureBuilder: null, logs => logs.IncludeFormattedMessage = true);
    }

    internal static void AddTelemetry(this FunctionsApplicationBuilder builder)
    {
        if (!string.IsNullOrWhiteSpace(builder.Configuration[EndpointSetting]))
        {
            builder.Services.AddOpenTelemetry().WithServerless().UseOtlpExporter();
        }
    }
}
