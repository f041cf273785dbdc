using System.Globalization;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;

namespace Serverless.EndToEnd.Tests.Support;

/// <summary>
/// The database under the systems that the tests start themselves, as the environment asks for it. The store tests take the same
/// variables.
/// <list type="bullet">
/// <item><c>COSMOS_TEST_PARTITIONS</c>: physical partitions of an emulator; 2 unless said otherwise, here or by the test.</item>
/// <item><c>COSMOS_TEST_DATA</c>: emulators keep their data on disk, each in a directory of its own below this one, and delete it.</item>
/// <item><c>COSMOS_TEST_CONNECTION</c>: an account, or an emulator in another process; with <c>COSMOS_TEST_MODE</c> (Direct or
/// Gateway, Gateway by default). The database is made for the run and deleted after it, unless <c>COSMOS_TEST_DATABASE</c> names one:
/// that is created and left.</item>
/// </list>
/// </summary>
internal static class TestCosmos
{
    public static string? Connection { get; } = Read("COSMOS_TEST_CONNECTION");

    private static string Mode { get; } = Read("COSMOS_TEST_MODE") ?? "Gateway";

    private static string? NamedDatabase { get; } = Read("COSMOS_TEST_DATABASE");

    /// <summary>One for this run only, unless it is named.</summary>
    private static string Database { get; } = NamedDatabase ?? $"serverless-tests-{Guid.NewGuid():N}";

    public static int Partitions { get; } = int.Parse(Read("COSMOS_TEST_PARTITIONS") ?? "2", CultureInfo.InvariantCulture);

    /// <summary>A directory for one emulator, or null for memory.</summary>
    public static string? NewDataDirectory() => Read("COSMOS_TEST_DATA") is { } root ? Path.Combine(root, Guid.NewGuid().ToString("N")) : null;

    public static void Delete(string? dataDirectory)
    {
        if (dataDirectory is not null && Directory.Exists(dataDirectory))
        {
            Directory.Delete(dataDirectory, recursive: true);
        }
    }

    /// <summary>The settings of a function app on the database outside.</summary>
    public static Dictionary<string, string?> AddTo(Dictionary<string, string?> settings) => new(settings)
    {
        [CosmosSettings.ConnectionSetting] = Connection,
        [CosmosSettings.ConnectionModeSetting] = Mode,
        [CosmosSettings.DatabaseSetting] = Database,
        [ServiceRegistration.ProvisionSetting] = "true",
        ["FunctionsHost:FeedPollDelay"] = "00:00:00.050", // Tests wait for views all the time.
    };

    public static async Task DeleteDatabaseAsync()
    {
        if (Connection is not null && NamedDatabase is null)
        {
            bool direct = Mode.Equals("Direct", StringComparison.OrdinalIgnoreCase);
            using CosmosClient client = new(
                Connection, new CosmosClientOptions { ConnectionMode = direct ? ConnectionMode.Direct : ConnectionMode.Gateway });
            using ResponseMessage _ = await client.GetDatabase(Database).DeleteStreamAsync();
        }
    }

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
