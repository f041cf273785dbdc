using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>A container that is not there is never taken for an empty stream or a view that does not exist.</summary>
public sealed class MissingContainerTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static readonly StreamName Stream = StreamName.Create("counter", "1");
    private static readonly ViewPartition Partition = new("missing", 1, "key");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<bool> WithDatabase => [false, true];

    [Theory]
    [MemberData(nameof(WithDatabase))]
    public async Task Every_call_on_streams_says_so(bool withDatabase)
    {
        await using Missing missing = await Missing.CreateAsync(account, withDatabase);
        CosmosEventStore store = new(missing.Container);
        Commit commit = new()
        {
            Stream = Stream,
            FirstVersion = 1,
            Events = [new StoredEvent("counter.counted", 1, "{}"u8.ToArray())],
            Metadata = new CommitMetadata { CommandId = "1", CommandType = "count", PolicyVersion = "1", Actor = "test", CorrelationId = "1", Timestamp = default },
        };
        Func<Task>[] calls =
        [
            () => store.ReadHeadAsync(Stream, Token),
            () => store.LoadAsync(Stream, null, Token),
            () => store.ReadTailAsync(StreamHead.StartOf(Stream), "1", Token),
            () => store.ReadAsync(Stream, 1, Token).GetAsyncEnumerator(Token).MoveNextAsync().AsTask(),
            () => store.AppendAsync(StreamHead.StartOf(Stream), commit, Token),
        ];
        await AssertAllSaySoAsync(calls, missing);
    }

    [Theory]
    [MemberData(nameof(WithDatabase))]
    public async Task Every_call_on_views_says_so(bool withDatabase)
    {
        await using Missing missing = await Missing.CreateAsync(account, withDatabase);
        CosmosViewStore store = new(missing.Container);
        ViewDocument document = new() { Id = "view", Kind = ViewKind.View };
        ViewQuery query = new(Partition.Projection, 1, ViewKind.View, Partition.Key, NewestFirst: false, 10, Continuation: null);
        Func<Task>[] calls =
        [
            () => store.ReadAsync(Partition, ["view"], Token),
            () => store.ReadAsync(Partition, ["view"], Token), // A second time: the first answer must not have been remembered.
            () => store.ReadAsync(Partition, ["view", "other"], Token),
            () => store.TryWriteAsync(Partition, [document], Token),
            () => store.TryWriteAsync(Partition, [document, document with { Id = "other" }], Token),
            () => store.ListAsync(query, Token),
            () => store.ListAsync(query with { Key = null }, Token),
        ];
        await AssertAllSaySoAsync(calls, missing);
    }

    private static async Task AssertAllSaySoAsync(Func<Task>[] calls, Missing missing)
    {
        foreach (Func<Task> call in calls)
        {
            ContainerMissingException e = await Assert.ThrowsAsync<ContainerMissingException>(call);
            Assert.Equal((missing.Container.Database.Id, missing.Container.Id), (e.Database, e.Container));
            Assert.Contains($"'{e.Container}'", e.Message, StringComparison.Ordinal);
            Assert.IsType<CosmosException>(e.InnerException);
        }
    }

    private sealed class Missing(CosmosClient client, string database) : IAsyncDisposable
    {
        public Container Container { get; } = client.GetContainer(database, "missing");

        public static async Task<Missing> CreateAsync(CosmosAccount account, bool withDatabase)
        {
            string database = account.NewDatabase().Database;
            if (withDatabase)
            {
                await account.Client.CreateDatabaseAsync(database, cancellationToken: Token);
            }
            return new Missing(account.Client, database);
        }

        public async ValueTask DisposeAsync() => (await Container.Database.DeleteStreamAsync()).Dispose();
    }
}
