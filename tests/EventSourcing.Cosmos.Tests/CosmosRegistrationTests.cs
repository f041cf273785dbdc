using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosRegistrationTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_is_registered_works_on_the_database_of_the_settings()
    {
        CosmosSettings settings = account.NewDatabase();
        await using ServiceProvider services = new ServiceCollection().AddCosmosEventSourcing(settings).BuildServiceProvider(validateScopes: true);

        await services.GetRequiredService<ContainerProvisioning>().EnsureAsync(Token);
        Assert.True((await services.GetRequiredService<CosmosHealth>().CheckAsync(Token)).IsHealthy);
        StreamName stream = Counter.NewStream();
        await Counter.Handler(services.GetRequiredService<IEventStore>()).ExecuteAsync(stream, new Count(1), Counter.FreshId(), Token);
        Assert.Equal(1, (await services.GetRequiredService<IEventStore>().ReadHeadAsync(stream, Token)).Version);
        ViewPartition partition = new("registered", 1, "key");
        await services.GetRequiredService<IViewStore>().TryWriteAsync(partition, [new ViewDocument { Id = "view", Kind = ViewKind.View }], Token);
        Assert.Single((await services.GetRequiredService<IViewStore>().ReadAsync(partition, ["view"], Token)).Documents);

        await services.GetRequiredService<CosmosClient>().GetDatabase(settings.Database).DeleteAsync(cancellationToken: Token);
    }

    [Fact]
    public void One_client_serves_all()
    {
        using ServiceProvider services = new ServiceCollection().AddCosmosEventSourcing(_ => account.Settings).BuildServiceProvider();

        Assert.Same(services.GetRequiredService<CosmosClient>(), services.GetRequiredService<CosmosClient>());
        Assert.Same(services.GetRequiredService<IEventStore>(), services.GetRequiredService<IEventStore>());
        Assert.Same(services.GetRequiredService<IViewStore>(), services.GetRequiredService<IViewStore>());
    }

    [Fact]
    public void Without_a_key_there_is_no_inbox_and_everything_else_works()
    {
        using ServiceProvider services = new ServiceCollection().AddCosmosEventSourcing(_ => account.Settings).BuildServiceProvider();

        InvalidOperationException e = Assert.Throws<InvalidOperationException>(services.GetRequiredService<IInboxStore>);
        Assert.StartsWith("The setting Inbox__Key is missing.", e.Message, StringComparison.Ordinal);
        Assert.NotNull(services.GetRequiredService<IEventStore>());
    }

    [Fact]
    public void An_emulator_with_its_public_key_needs_no_key_of_the_inbox()
    {
        static IConfiguration Configuration(string accountKey) => new ConfigurationBuilder().AddInMemoryCollection(
            [new(CosmosSettings.ConnectionSetting, $"AccountEndpoint=http://localhost:8081/;AccountKey={accountKey};")]).Build();

        Assert.NotNull(CosmosSettings.From(Configuration(new CosmosEmulatorOptions().Key)).InboxKeys);
        Assert.Null(CosmosSettings.From(Configuration(Convert.ToBase64String(new byte[64]))).InboxKeys);
    }
}
