using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Batches;

/// <summary>COSMOS-PROTOCOL §5.2: the JSON form that other clients send, and bodies that are neither.</summary>
public sealed class JsonBatchTests : IAsyncLifetime
{
    private const string Items = "/dbs/db/colls/items/docs";

    private static readonly (string, string)[] Atomic =
    [
        ("x-ms-cosmos-is-batch-request", "true"), ("x-ms-cosmos-batch-atomic", "true"), ("x-ms-documentdb-partitionkey", "[\"a\"]"),
    ];

    private TestAccount account = null!;
    private RawClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions: 3);
        await account.ContainerAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Fact]
    public async Task Operations_are_answered_in_order()
    {
        RawAnswer answer = await raw.PostAsync(
            Items,
            """
            [{"operationType":"Create","resourceBody":{"id":"1","pk":"a","n":1}},
             {"operationType":"Patch","id":"1","resourceBody":{"operations":[{"op":"incr","path":"/n","value":2}]}},
             {"operationType":"Read","id":"1"},
             {"operationType":"Delete","id":"1"}]
            """,
            Atomic);
        Assert.Equal(200, answer.Status);
        Assert.Equal([201, 200, 200, 204], answer.Json.EnumerateArray().Select(result => result.GetProperty("statusCode").GetInt32()));
        Assert.Equal(3, answer.Json[2].GetProperty("resourceBody").GetProperty("n").GetInt32());
        Assert.False(answer.Json[3].TryGetProperty("resourceBody", out _));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Written_items_are_left_out_where_a_client_wants_none(string atomic)
    {
        RawAnswer answer = await raw.PostAsync(
            Items,
            """[{"operationType":"Create","resourceBody":{"id":"1","pk":"a","n":1}},{"operationType":"Read","id":"1"}]""",
            ("x-ms-cosmos-is-batch-request", "true"), ("x-ms-cosmos-batch-atomic", atomic), ("x-ms-documentdb-partitionkey", "[\"a\"]"),
            ("Prefer", "return=minimal"));
        Assert.Equal([201, 200], answer.Json.EnumerateArray().Select(result => result.GetProperty("statusCode").GetInt32()));
        Assert.False(answer.Json[0].TryGetProperty("resourceBody", out _));
        Assert.Equal(1, answer.Json[1].GetProperty("resourceBody").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_rolled_back_batch_is_207_with_424_around_the_failure()
    {
        RawAnswer answer = await raw.PostAsync(
            Items,
            """[{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}},{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}}]""",
            Atomic);
        Assert.Equal(207, answer.Status);
        Assert.Equal([424, 409], answer.Json.EnumerateArray().Select(result => result.GetProperty("statusCode").GetInt32()));
    }

    [Fact]
    public async Task Bulk_operations_bring_their_keys_as_text()
    {
        RawAnswer answer = await raw.PostAsync(
            Items,
            """
            [{"operationType":"Upsert","partitionKey":"[\"a\"]","resourceBody":{"id":"1","pk":"a"}},
             {"operationType":"Upsert","partitionKey":"[\"zz\"]","resourceBody":{"id":"1","pk":"zz"}},
             {"operationType":"Read","id":"none","partitionKey":"[\"b\"]"}]
            """,
            ("x-ms-cosmos-is-batch-request", "True"),
            ("x-ms-cosmos-batch-continue-on-error", "True"));
        Assert.Equal(207, answer.Status);
        Assert.Equal([201, 201, 404], answer.Json.EnumerateArray().Select(result => result.GetProperty("statusCode").GetInt32()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[7]")]
    [InlineData("""[{"id":"1"}]""")]
    [InlineData("""[{"operationType":"Explode","id":"1"}]""")]
    public async Task A_body_that_is_no_batch_is_refused(string body)
    {
        RawAnswer answer = await raw.PostAsync(Items, body, Atomic);
        Assert.Equal(400, answer.Status);
        Assert.Equal("BadRequest", answer.Json.GetProperty("code").GetString());
    }
}
