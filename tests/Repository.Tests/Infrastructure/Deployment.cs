using System.Text.Json.Nodes;
using Serverless.Repository.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(DefaultDeployment))]
[assembly: AssemblyFixture(typeof(ProductionDeployment))]

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>One deployment, evaluated once for all tests that look at it.</summary>
public abstract class Deployment(string parametersFile) : IAsyncLifetime
{
    /// <summary>Every resource, whole.</summary>
    public IReadOnlyList<JsonNode> All { get; private set; } = [];

    public async ValueTask InitializeAsync() =>
        All = await Bicep.PredictAsync(parametersFile, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The properties of all resources of a type, by the last part of their name.</summary>
    public IReadOnlyDictionary<string, JsonNode> Find(string type) => Resources(type)
        .ToDictionary(r => ((string)r["name"]!).Split('/')[^1], r => r["properties"]!);

    public IEnumerable<JsonNode> Resources(string type) => All.Where(r => (string?)r["type"] == type);

    public JsonNode Single(string type) => Assert.Single(Find(type)).Value;

    public IReadOnlyDictionary<string, string> AppSettings() =>
        Find("Microsoft.Web/sites/config")["appsettings"].AsObject().ToDictionary(s => s.Key, s => (string)s.Value!);

    public string AsText() => string.Join('\n', All.Select(r => r.ToJsonString()));
}

/// <summary>What <c>azd up</c> deploys when nobody changed a parameter.</summary>
public sealed class DefaultDeployment() : Deployment("main.bicepparam");

/// <summary>Every option on.</summary>
public sealed class ProductionDeployment() : Deployment("samples/production.bicepparam");
