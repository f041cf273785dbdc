using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Hosting;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Docs;

/// <summary>What the emulator's README shows. Its code is quoted from here.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task An_account_takes_two_lines()
    {
        await using var cosmos = EmbeddedCosmos.Create();
        using var client = new CosmosClient(cosmos.ConnectionString, new() { ConnectionMode = ConnectionMode.Gateway, HttpClientFactory = cosmos.CreateClient });

        Database database = await client.CreateDatabaseAsync("db");
        Container container = await database.CreateContainerAsync("items", "/pk");
        await container.CreateItemAsync(new Thing("1", "a"));
        Assert.Equal("1", (await container.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.id);
    }

    [Fact]
    public async Task A_fault_takes_one_more()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        EmbeddedCosmos cosmos = account.Cosmos;
        Container container = await account.ContainerAsync();

        cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.Error(503), Operations = FaultOperations.Create, Count = 1 });

        using ResponseMessage failed = await container.CreateItemStreamAsync(new MemoryStream("""{"id":"1","pk":"a"}"""u8.ToArray()), new PartitionKey("a"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
    }

    [Fact]
    public async Task A_lag_takes_one_more()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        EmbeddedCosmos cosmos = account.Cosmos;
        Container container = await account.ContainerAsync();

        cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(writes: 1) });

        await container.CreateItemAsync(new Thing("1", "a"));
        await Feeds.FailsAsync(
            HttpStatusCode.NotFound, () => account.NewClient().GetContainer("db", "items").ReadItemAsync<Thing>("1", new PartitionKey("a")));
    }

    [Fact]
    public void Every_option_of_the_program_is_in_the_table()
    {
        string[] options = [.. Option().Matches(Arguments.Help).Select(match => match.Value)];
        Assert.Contains("--port", options);
        string readme = File.ReadAllText(PathOf("../../../src/CosmosEmulator/README.md"));
        Assert.All(options, option => Assert.Contains($"`{option}", readme));
    }

    private static string PathOf(string relative, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here) ?? "", relative));

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Option();
}
