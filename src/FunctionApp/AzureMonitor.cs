using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Telemetry;

namespace Serverless.FunctionApp;

/// <summary>Telemetry of the worker to Application Insights, beside or without a collector.</summary>
internal static class AzureMonitor
{
    private const string ConnectionSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    // Names the identity for host and worker alike: Authorization=AAD;ClientId=….
    private const string AuthenticationSetting = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";
    private const string ClientId = "ClientId=";

    public static void AddAzureMonitor(this FunctionsApplicationBuilder builder)
    {
        bool hasInsights = !string.IsNullOrWhiteSpace(builder.Configuration[ConnectionSetting]);
        if (!hasInsights && string.IsNullOrWhiteSpace(builder.Configuration[TelemetryRegistration.EndpointSetting]))
        {
            return;
        }
        // Tells the host that the worker sends its own, so that nothing is sent twice.
        var telemetry = builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults().WithServerless();
        if (hasInsights)
        {
            string? identity = builder.Configuration[AuthenticationSetting]?.Split(';')
                .FirstOrDefault(p => p.StartsWith(ClientId, StringComparison.OrdinalIgnoreCase))?[ClientId.Length..];
            telemetry.UseAzureMonitorExporter(options =>
            {
                options.SetSampler(builder.Configuration);
                options.Credential = identity is null
                    ? null
                    : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(identity));
            });
        }
    }
}
