using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Pages of all commits while the container grows: on an emulator of its own, whose partitions split in between.</summary>
public sealed class CommitFeedSplitTests : IAsyncLifetime
{
    private const string Database = "serverless";

    private readonly EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = 2 });
    private HttpMessageHandler? handler;
    private CosmosClient? client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Container Events => client!.GetContainer(Database, ContainerNames.Events);

    public async ValueTask InitializeAsync()
    {
        handler = cosmos.CreateHandler();
        client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = handler });
        await new ContainerProvisioning(client, Database).EnsureAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        handler?.Dispose();
        await cosmos.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_continuation_outlives_the_split_of_the_partition_it_is_in_and_of_one_to_come(int pageSize)
    {
        CosmosEventStore store = new(Events);
        HashSet<string> written = [];
        for (int i = 0; i < 40; i++)
        {
            StreamName stream = StreamName.Create("log", $"{i}");
            await store.AppendAsync(StreamHead.StartOf(stream), TestCommits.At(stream, 1), Token);
            written.Add(stream.Value);
        }
        List<string> read = [];

        CommitLogPage page = await new CosmosCommitLog(Events).ReadPageAsync(stream: null, continuation: null, pageSize, Token);
        Add(page);
        await cosmos.SplitAsync(Database, ContainerNames.Events, "0", Token);
        await cosmos.SplitAsync(Database, ContainerNames.Events, "1", Token);
        while (page.Continuation is { } continuation)
        {
            page = await new CosmosCommitLog(Events).ReadPageAsync(stream: null, continuation, pageSize, Token);
            Add(page);
        }

        Assert.Equal(written.Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal)); // Each once.

        void Add(CommitLogPage next) => read.AddRange(next.Items.Select((JsonElement i) => i.GetProperty("stream").GetString()!));
    }
}
