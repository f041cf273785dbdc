using System.Text.Json.Nodes;
using Serverless.Repository.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(DefaultDeployment))]
[assembly: AssemblyFixture(typeof(ProductionDeployment))]
[assembly: AssemblyFixture(typeof(DeployerDeployment))]

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>One deployment, evaluated once for all tests that look at it.</summary>
public abstract class Deployment(string parametersFile, IReadOnlyDictionary<string, string> switches) : IAsyncLifetime
{
    /// <summary>Every resource, whole.</summary>
    public IReadOnlyList<JsonNode> All { get; private set; } = [];

    public async ValueTask InitializeAsync() =>
        All = await Bicep.PredictAsync(parametersFile, switches, TestContext.Current.CancellationToken);

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

/// <summary>What <c>azd up</c> deploys when nobody set a switch.</summary>
public sealed class DefaultDeployment() : Deployment("main.bicepparam", new Dictionary<string, string>());

/// <summary>An environment that is called <c>prod</c>, with somebody to alert, a budget, and throughput of its own.</summary>
public sealed class ProductionDeployment() : Deployment("main.bicepparam", new Dictionary<string, string>
{
    ["AZURE_ENV_NAME"] = "prod",
    ["ALERT_EMAILS"] = "team@example.com",
    ["MANAGE_READ"] = "operator,key:dashboard",
    ["MANAGE_OPERATE"] = "operator",
    ["MANAGE_STORE"] = "key:restore",
    ["VIEW_ROLES"] = "teller",
    ["ALLOW_IMPORT"] = "true",
    ["INBOX_KEY_NAME"] = "inbox-key-2",
    ["INBOX_SECOND_KEY_NAME"] = "inbox-key",
    ["BUDGET_AMOUNT"] = "500",
    ["CAPACITY_MODE"] = "autoscale",
    ["SHARED_MAX_REQUEST_UNITS"] = "4000",
    ["EVENTS_MAX_REQUEST_UNITS"] = "10000",
});

/// <summary>What an owner runs once, before a workflow can deploy.</summary>
public sealed class DeployerDeployment() : Deployment("deployer.bicepparam", new Dictionary<string, string>
{
    ["AZURE_ENV_NAME"] = "prod",
    ["DEPLOYER_PRINCIPAL_ID"] = Deployer,
    ["TESTER_PRINCIPAL_ID"] = Tester,
})
{
    public const string Deployer = "11111111-1111-1111-1111-111111111111";
    public const string Tester = "22222222-2222-2222-2222-222222222222";
}
