using System.Diagnostics;
using OpenTelemetry;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// Leaves out what the database client does without a request, a command, or a batch behind it: looks at idle feeds and leases. There are
/// several a second, and nobody finds a trace among them.
/// </summary>
internal sealed class BackgroundPolls : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == TelemetryRegistration.CosmosSource && data.ParentId is null)
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded; // Exporters pass it over.
        }
    }
}
