using System.Globalization;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;

namespace Serverless.FunctionApp;

/// <summary>
/// Which traces the worker records. It reads the same two settings as the host, because the exporter does not: configured in code, it keeps five
/// traces a second whatever they say, and replaces a sampler that was set before it.
/// </summary>
internal static class TraceSampling
{
    public const string SamplerSetting = "OTEL_TRACES_SAMPLER";
    public const string ArgumentSetting = "OTEL_TRACES_SAMPLER_ARG";

    private const string FixedPercentage = "microsoft.fixed_percentage";
    private const string RateLimited = "microsoft.rate_limited";

    /// <summary>Without settings every trace is recorded. Logs are always complete: the one of a failure must not go with its trace.</summary>
    public static void SetSampler(this AzureMonitorExporterOptions options, IConfiguration configuration)
    {
        options.EnableTraceBasedLogsSampler = false;
        string? sampler = configuration[SamplerSetting];
        double? argument = Argument(configuration[ArgumentSetting]);
        (options.TracesPerSecond, options.SamplingRatio) = sampler switch
        {
            null or "" => ((double?)null, 1f),
            FixedPercentage when argument is null or (>= 0 and <= 1) => (null, (float)(argument ?? 1)),
            RateLimited when argument >= 0 => (argument, 1f),
            _ => throw new InvalidOperationException(
                $"The setting {SamplerSetting} is '{sampler}' with {ArgumentSetting} '{configuration[ArgumentSetting]}'. "
                + $"Application Insights knows {FixedPercentage} with a part of all traces from 0 to 1, and {RateLimited} with traces per second."),
        };
    }

    private static double? Argument(string? text) => text switch
    {
        null or "" => null,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) => value,
        _ => double.NaN, // No number is in no range.
    };
}
