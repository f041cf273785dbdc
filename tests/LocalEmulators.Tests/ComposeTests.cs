using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Serverless.LocalEmulators.Tests;

/// <summary>infra/local/compose.yaml fits local.settings.sample.json, and the same settings fit the emulators without containers.</summary>
public sealed partial class ComposeTests
{
    private static readonly Compose File = new DeserializerBuilder()
        .WithNamingConvention(YamlDotNet.Serialization.NamingConventions.CamelCaseNamingConvention.Instance)
        .Build()
        .Deserialize<Compose>(RepositoryFile.Read("infra/local/compose.yaml"));

    private static JsonNode Settings => JsonNode.Parse(RepositoryFile.Read("local.settings.sample.json"))!["Values"]!;

    [Fact]
    public void Both_emulators_are_there_with_a_fixed_version()
    {
        Assert.Equal(["cosmos", "storage"], File.Services.Keys.Order());
        Assert.All(File.Services.Values, s => Assert.Matches(@":(vnext-EN)?\d[\d.]+$", s.Image));
    }

    [Fact]
    public void Only_this_machine_reaches_a_port() =>
        Assert.All(File.Services.Values.SelectMany(s => s.Ports), p => Assert.StartsWith("127.0.0.1:", p, StringComparison.Ordinal));

    [Fact]
    public void What_is_stored_outlives_a_container()
    {
        Assert.All(File.Services.Values, s => Assert.EndsWith(":/data", Assert.Single(s.Volumes), StringComparison.Ordinal));
        Assert.Equal(File.Volumes.Keys.Order(), File.Services.Values.Select(s => s.Volumes[0].Split(':')[0]).Order());
    }

    [Fact]
    public void Each_says_when_it_is_ready() =>
        Assert.All(File.Services.Values, s => Assert.NotEmpty(s.Healthcheck.Test));

    [Fact]
    public void The_database_is_where_the_sample_settings_look_for_it()
    {
        Uri endpoint = new(EndpointOf().Match((string)Settings["CosmosDB"]!).Groups[1].Value);

        Assert.Equal(("localhost", 8081), (endpoint.Host, endpoint.Port));
        Assert.Contains("127.0.0.1:8081:8081", File.Services["cosmos"].Ports);
        Assert.Equal(endpoint.Scheme, File.Services["cosmos"].Environment["PROTOCOL"]);
        Assert.Equal(endpoint.Host, File.Services["cosmos"].Environment["GATEWAY_PUBLIC_ENDPOINT"]);
        // All that an emulator speaks.
        Assert.Equal("Gateway", (string?)Settings["CosmosConnectionMode"]);
        Assert.Equal("true", (string?)Settings["ProvisionContainers"]);
    }

    [Fact]
    public void The_storage_is_where_the_sample_settings_look_for_it()
    {
        Assert.Equal("UseDevelopmentStorage=true", (string?)Settings["AzureWebJobsStorage"]); // Ports 10000 to 10002 of this machine.
        Assert.Equal(
            ["127.0.0.1:10000:10000", "127.0.0.1:10001:10001", "127.0.0.1:10002:10002"],
            File.Services["storage"].Ports.Order());
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/guides/run-under-core-tools.md")]
    [InlineData("infra/local/compose.yaml")]
    [InlineData(".ci/lib/local.sh")]
    public void Everybody_starts_the_same_version_of_Azurite(string file)
    {
        string[] versions = [.. AzuriteVersion().Matches(RepositoryFile.Read(file)).Select(m => m.Groups[1].Value)];

        Assert.NotEmpty(versions);
        Assert.All(versions, v => Assert.Equal(File.Services["storage"].Image.Split(':')[^1], v));
    }

    [GeneratedRegex(@"AccountEndpoint=([^;]+);")]
    private static partial Regex EndpointOf();

    [GeneratedRegex(@"azurite(?:@|:|_version=)(\d+\.\d+\.\d+)")]
    private static partial Regex AzuriteVersion();

    // Anything else in the file is a mistake, or a thing that these tests should know of.
    private sealed record Compose
    {
        public string Name { get; init; } = "";

        public Dictionary<string, Service> Services { get; init; } = [];

        public Dictionary<string, object?> Volumes { get; init; } = [];
    }

    private sealed record Service
    {
        public string Image { get; init; } = "";

        public List<string> Command { get; init; } = [];

        public Dictionary<string, string> Environment { get; init; } = [];

        public List<string> Ports { get; init; } = [];

        public List<string> Volumes { get; init; } = [];

        public Check Healthcheck { get; init; } = new();
    }

    private sealed record Check
    {
        public List<string> Test { get; init; } = [];

        public string Interval { get; init; } = "";

        public string Timeout { get; init; } = "";

        public int Retries { get; init; }
    }
}
