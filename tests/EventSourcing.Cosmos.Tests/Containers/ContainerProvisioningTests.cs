using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class ContainerProvisioningTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_database_gets_every_container_as_the_file_says()
    {
        await using TestDatabase database = new(account);
        await database.Provisioning.EnsureAsync(Token);

        foreach (ContainerDefinition definition in ContainerDefinition.All)
        {
            ContainerProperties container = await database.Database.GetContainer(definition.Name).ReadContainerAsync(cancellationToken: Token);
            Assert.Equal(definition.PartitionKeyPaths, container.PartitionKeyPaths);
            Assert.Equal(PartitionKeyDefinitionVersion.V2, container.PartitionKeyDefinitionVersion);
            Assert.Equal(definition.UniqueKeyPaths, container.UniqueKeyPolicy.UniqueKeys.SelectMany(k => k.Paths));
            Assert.Equal(definition.DefaultTtl, container.DefaultTimeToLive);
            Assert.Equal(
                definition.IndexingPolicy.IncludedPaths.Select(p => p.Path), container.IndexingPolicy.IncludedPaths.Select(p => p.Path));
            Assert.Contains("/*", container.IndexingPolicy.ExcludedPaths.Select(p => p.Path));
        }
    }

    [Fact]
    public async Task It_may_run_again_and_by_several_at_once()
    {
        await using TestDatabase database = new(account);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            new ContainerProvisioning(account.NewClient(), database.Name).EnsureAsync(Token)));
        await database.Provisioning.EnsureAsync(Token);

        Assert.True((await new CosmosHealth(account.Client, database.Name).CheckAsync(Token)).IsHealthy);
    }

    [Fact]
    public async Task An_existing_container_keeps_its_items_and_its_own_indexing()
    {
        await using TestDatabase database = new(account);
        await database.CreateAsync();
        ContainerProperties events = ContainerDefinition.All[0].ToProperties();
        events.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = "/actor/?" });
        Container container = await database.Database.CreateContainerAsync(events, cancellationToken: Token);

        await database.Provisioning.EnsureAsync(Token);

        ContainerProperties after = await container.ReadContainerAsync(cancellationToken: Token);
        Assert.Contains("/actor/?", after.IndexingPolicy.IncludedPaths.Select(p => p.Path));
    }

    [Fact]
    public async Task Another_partition_key_is_refused()
    {
        await using TestDatabase database = new(account);
        await database.CreateAsync();
        await database.Database.CreateContainerAsync(ContainerNames.Views, "/id", cancellationToken: Token);

        ContainerMismatchException e = await Assert.ThrowsAsync<ContainerMismatchException>(() => database.Provisioning.EnsureAsync(Token));

        Assert.Equal((ContainerNames.Views, "its partition key is /id instead of /partition"), (e.Container, e.Reason));
    }

    [Fact]
    public async Task A_missing_unique_key_is_refused()
    {
        await using TestDatabase database = new(account);
        await database.CreateAsync();
        await database.Database.CreateContainerAsync(ContainerNames.Events, "/stream", cancellationToken: Token);

        ContainerMismatchException e = await Assert.ThrowsAsync<ContainerMismatchException>(() => database.Provisioning.EnsureAsync(Token));

        Assert.Equal((ContainerNames.Events, "it has no unique key on /commandId"), (e.Container, e.Reason));
    }

    private sealed class TestDatabase(CosmosAccount account) : IAsyncDisposable
    {
        public string Name { get; } = account.NewDatabase().Database;

        public Database Database => account.Client.GetDatabase(Name);

        public ContainerProvisioning Provisioning => new(account.Client, Name);

        public async Task CreateAsync() => await account.Client.CreateDatabaseAsync(Name, cancellationToken: Token);

        public async ValueTask DisposeAsync() => (await Database.DeleteStreamAsync()).Dispose();
    }
}
