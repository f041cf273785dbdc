using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class ContainerDefinitionTests
{
    [Fact]
    public void The_file_describes_every_container_that_code_names() => Assert.Equal(
        [ContainerNames.Events, ContainerNames.Views, ContainerNames.Fences, ContainerNames.Leases, ContainerNames.Commands, ContainerNames.Parked, ContainerNames.Actions,
            ContainerNames.Consumers, ContainerNames.Refused],
        ContainerDefinition.All.Select(d => d.Name));

    [Fact]
    public void Commits_are_partitioned_by_stream_and_unique_by_command()
    {
        ContainerProperties events = Of(ContainerNames.Events).ToProperties();

        Assert.Equal(["/stream"], events.PartitionKeyPaths);
        Assert.Equal(PartitionKeyDefinitionVersion.V2, events.PartitionKeyDefinitionVersion);
        Assert.Equal(["/commandId"], Assert.Single(events.UniqueKeyPolicy.UniqueKeys).Paths);
        Assert.Null(events.DefaultTimeToLive);
    }

    [Fact]
    public void Of_commits_only_what_is_queried_is_indexed()
    {
        IndexingPolicy indexing = Of(ContainerNames.Events).ToProperties().IndexingPolicy;

        Assert.Equal(IndexingMode.Consistent, indexing.IndexingMode);
        Assert.Equal(["/stream/?", "/commandId/?", "/correlationId/?"], indexing.IncludedPaths.Select(p => p.Path));
        Assert.Equal(["/*"], indexing.ExcludedPaths.Select(p => p.Path));
    }

    [Theory]
    [InlineData(ContainerNames.Views, "/partition", null)]
    [InlineData(ContainerNames.Leases, "/id", -1)]
    [InlineData(ContainerNames.Commands, "/stream", -1)]
    [InlineData(ContainerNames.Parked, "/consumer", null)]
    [InlineData(ContainerNames.Actions, "/consumer", null)]
    [InlineData(ContainerNames.Consumers, "/consumer", null)]
    [InlineData(ContainerNames.Refused, "/stream", -1)]
    public void The_other_containers_have_their_partition_key_and_time_to_live(string name, string partitionKey, int? timeToLive)
    {
        ContainerProperties properties = Of(name).ToProperties();

        Assert.Equal([partitionKey], properties.PartitionKeyPaths);
        Assert.Equal(timeToLive, properties.DefaultTimeToLive);
        Assert.Empty(properties.UniqueKeyPolicy.UniqueKeys);
    }

    [Fact]
    public void Every_container_says_why_it_is_as_it_is() =>
        Assert.All(ContainerDefinition.All, d => Assert.True(d.Description.Length > 40, d.Name));

    private static ContainerDefinition Of(string name) => ContainerDefinition.All.Single(d => d.Name == name);
}
