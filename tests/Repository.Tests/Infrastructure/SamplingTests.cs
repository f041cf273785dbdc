using System.Globalization;
using System.Reflection;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>The sampler that runs is the one of the settings. Left alone, the exporter keeps five traces a second, and tells nobody.</summary>
public sealed class SamplingTests(DefaultDeployment development, ProductionDeployment production)
{
    [Fact]
    public void Development_records_everything_and_production_the_share_that_it_is_given()
    {
        Assert.Equal("ApplicationInsightsSampler{1}", SamplerOf(Settings(development)));
        Assert.Equal("ApplicationInsightsSampler{0.1}", SamplerOf(Settings(production)));
    }

    [Theory]
    [InlineData(null, null, "ApplicationInsightsSampler{1}")]
    [InlineData("", "", "ApplicationInsightsSampler{1}")]
    [InlineData("microsoft.fixed_percentage", null, "ApplicationInsightsSampler{1}")]
    [InlineData("microsoft.fixed_percentage", "0.25", "ApplicationInsightsSampler{0.25}")]
    [InlineData("microsoft.rate_limited", "20", "RateLimitedSampler")]
    public void The_settings_of_the_host_hold_for_the_worker(string? sampler, string? argument, string running) =>
        Assert.Equal(running, SamplerOf((sampler, argument)));

    [Theory]
    [InlineData("always_on", null)]
    [InlineData("microsoft.fixed_percentage", "25")]
    [InlineData("microsoft.fixed_percentage", "a quarter")]
    [InlineData("microsoft.rate_limited", null)]
    public void A_sampler_that_would_be_ignored_stops_the_start(string sampler, string? argument)
    {
        var fault = Assert.Throws<InvalidOperationException>(() => SamplerOf((sampler, argument)));

        Assert.Contains($"OTEL_TRACES_SAMPLER is '{sampler}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logs_do_not_go_with_their_traces()
    {
        AzureMonitorExporterOptions options = new();
        options.SetSampler(Configuration((null, null)));

        Assert.False(options.EnableTraceBasedLogsSampler);
    }

    [Fact]
    public void The_deployed_app_uses_these_settings_in_this_version_of_the_exporter()
    {
        Assert.Contains(".SetSampler(builder.Configuration)", File.ReadAllText(RepositoryFiles.At("src/FunctionApp/AzureMonitor.cs")), StringComparison.Ordinal);
        string version = typeof(AzureMonitorExporterOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Assert.Contains(
            $"\"Azure.Monitor.OpenTelemetry.Exporter\" Version=\"{version}\"",
            File.ReadAllText(RepositoryFiles.At("Directory.Packages.props")),
            StringComparison.Ordinal);
    }

    private static (string? Sampler, string? Argument) Settings(Deployment deployment)
    {
        IReadOnlyDictionary<string, string> settings = deployment.AppSettings();
        return (settings["OTEL_TRACES_SAMPLER"], settings["OTEL_TRACES_SAMPLER_ARG"]);
    }

    private static IConfiguration Configuration((string? Sampler, string? Argument) settings) => new ConfigurationBuilder()
        .AddInMemoryCollection([new(TraceSampling.SamplerSetting, settings.Sampler), new(TraceSampling.ArgumentSetting, settings.Argument)])
        .Build();

    /// <summary>What the built provider asks, whoever set it last. The SDK shows it to nobody, hence by reflection.</summary>
    private static string SamplerOf((string? Sampler, string? Argument) settings)
    {
        ServiceCollection services = new();
        // A sampler of one's own, set first, is one of those that the exporter replaces.
        services.AddOpenTelemetry().WithTracing(traces => traces.SetSampler(new AlwaysOffSampler())).UseAzureMonitorExporter(options =>
        {
            options.ConnectionString = "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=http://127.0.0.1:9/";
            options.DisableOfflineStorage = true;
            options.SetSampler(Configuration(settings));
        });
        using ServiceProvider provider = services.BuildServiceProvider();
        var traces = provider.GetRequiredService<TracerProvider>();
        object sampler = traces.GetType().GetProperty("Sampler", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!.GetValue(traces)!;
        return string.Create(CultureInfo.InvariantCulture, $"{((Sampler)sampler).Description}");
    }
}
