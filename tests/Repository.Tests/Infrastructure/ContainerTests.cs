using System.Text.Json.Nodes;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>What Azure gets is what <see cref="ContainerProvisioning"/> makes on this machine.</summary>
public sealed class ContainerTests(DefaultDeployment deployment)
{
    private const string ContainerType = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers";

    public static TheoryData<string> Names => [.. ContainerDefinition.All.Select(c => c.Name)];

    [Fact]
    public void Exactly_the_containers_of_the_code_are_deployed() =>
        Assert.Equal(ContainerDefinition.All.Select(c => c.Name).Order(), deployment.Find(ContainerType).Keys.Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_container_has_the_partition_key_of_the_code(string name)
    {
        JsonNode key = Resource(name)["partitionKey"]!;
        Assert.Equal(Expected(name).PartitionKeyPaths, Strings(key["paths"]));
        Assert.Equal(2, (int)key["version"]!); // Version 1 hashes only the first 100 bytes.
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_container_has_the_unique_keys_of_the_code(string name)
    {
        string[][] keys = [.. Resource(name)["uniqueKeyPolicy"]!["uniqueKeys"]!.AsArray().Select(k => Strings(k!["paths"]))];
        Assert.Equal(Expected(name).UniqueKeyPaths.Select(path => (string[])[path]), keys);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_container_has_the_indexing_policy_of_the_code(string name)
    {
        JsonNode policy = Resource(name)["indexingPolicy"]!;
        IndexingDefinition expected = Expected(name).IndexingPolicy;
        Assert.Equal(expected.IndexingMode, (string)policy["indexingMode"]!);
        Assert.Equal(expected.Automatic, (bool)policy["automatic"]!);
        Assert.Equal(expected.IncludedPaths.Select(p => p.Path), Paths(policy["includedPaths"]));
        Assert.Equal(expected.ExcludedPaths.Select(p => p.Path), Paths(policy["excludedPaths"]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_container_has_the_time_to_live_of_the_code(string name) =>
        Assert.Equal(Expected(name).DefaultTtl, (int?)Resource(name)["defaultTtl"]);

    private static ContainerDefinition Expected(string name) => ContainerDefinition.All.Single(c => c.Name == name);

    private JsonNode Resource(string name) => deployment.Find(ContainerType)[name]["resource"]!;

    private static string[] Strings(JsonNode? array) => [.. array!.AsArray().Select(n => (string)n!)];

    private static string[] Paths(JsonNode? array) => [.. array!.AsArray().Select(n => (string)n!["path"]!)];
}
