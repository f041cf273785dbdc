using Serverless.EndToEnd.Tests.Support;
using Serverless.LocalHost;

[assembly: AssemblyFixture(typeof(SystemUnderTest))]

namespace Serverless.EndToEnd.Tests.Support;

/// <summary>
/// The system that all tests talk to, over HTTP only: one started in this process, or whatever the environment names.
/// <list type="bullet">
/// <item><c>SERVERLESS_BASE_URL</c>: for instance <c>https://my-app.azurewebsites.net/api/</c> or <c>http://localhost:7071/api/</c>.</item>
/// <item><c>SERVERLESS_FUNCTION_KEY</c>: sent as <c>x-functions-key</c>.</item>
/// <item><c>SERVERLESS_MASTER_KEY</c>: the same for what only operators may; tests that need it are skipped without.</item>
/// <item><c>SERVERLESS_WORKER_PROCESS</c>: <c>true</c> runs the function app of a local system in a process of its own.</item>
/// </list>
/// A system in this process has the database that <see cref="TestCosmos"/> describes.
/// </summary>
public sealed class SystemUnderTest : IAsyncLifetime
{
    private static readonly bool HasWorkerProcess = Environment.GetEnvironmentVariable("SERVERLESS_WORKER_PROCESS") == "true";

    private readonly string? data = TestCosmos.NewDataDirectory();
    private LocalSystem? local;
    private Api? operatorApi;

    public Api Api { get; private set; } = null!;

    /// <summary>The same system for an operator; skips the test when there is no master key.</summary>
    public Api Operator
    {
        get
        {
            Assert.SkipWhen(MasterKey is null, "There is no SERVERLESS_MASTER_KEY.");
            return operatorApi!;
        }
    }

    public string? MasterKey { get; private set; }

    /// <summary>Whether the tests started the system themselves.</summary>
    public bool IsLocal => local is not null;

    /// <summary>Null when the system under test wants none.</summary>
    public string? FunctionKey { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("SERVERLESS_BASE_URL") is { Length: > 0 } url)
        {
            FunctionKey = Environment.GetEnvironmentVariable("SERVERLESS_FUNCTION_KEY");
            MasterKey = Environment.GetEnvironmentVariable("SERVERLESS_MASTER_KEY");
            Api = new Api(new Uri(url.TrimEnd('/') + "/"), FunctionKey);
            operatorApi = new Api(Api.Address, MasterKey);
            return;
        }
        FunctionKey = Guid.NewGuid().ToString("N");
        MasterKey = Guid.NewGuid().ToString("N");
        // As in Azure, where every function but the health check wants a key.
        Dictionary<string, string?> settings = new()
        {
            ["FunctionsHost:RequireKeys"] = "true",
            ["FunctionsHost:Keys:Host:tests"] = FunctionKey,
            ["FunctionsHost:Keys:Master"] = MasterKey,
            ["Roles:manage:read"] = "key:master",
            ["Roles:manage:operate"] = "key:master",
            ["Roles:manage:store"] = "key:master",
        };
        local = await LocalSystem.StartAsync(
            TestCosmos.Connection is null
                ? new LocalHostOptions
                {
                    Port = LocalHostOptions.AnyFreePort,
                    CosmosPort = null,
                    Partitions = TestCosmos.Partitions,
                    DataDirectory = data,
                    HasWorkerProcess = HasWorkerProcess,
                    Settings = settings,
                }
                : new LocalHostOptions
                {
                    Port = LocalHostOptions.AnyFreePort,
                    UsesConfiguredCosmos = true,
                    HasWorkerProcess = HasWorkerProcess,
                    Settings = TestCosmos.AddTo(settings),
                },
            CancellationToken.None);
        Api = new Api(local.ApiAddress, FunctionKey);
        operatorApi = new Api(local.ApiAddress, MasterKey);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        operatorApi?.Dispose();
        if (local is not null)
        {
            await local.DisposeAsync();
            TestCosmos.Delete(data);
            await TestCosmos.DeleteDatabaseAsync();
        }
    }
}
