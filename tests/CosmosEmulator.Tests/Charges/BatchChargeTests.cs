using System.Globalization;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Charges;

/// <summary>Each operation of a batch says what it cost, and the header says what all of them did.</summary>
public sealed class BatchChargeTests : IAsyncLifetime
{
    private const string Items = "/dbs/db/colls/items/docs";

    private static readonly (string, string) Batch = ("x-ms-cosmos-is-batch-request", "true");
    private static readonly (string, string) Key = ("x-ms-documentdb-partitionkey", "[\"a\"]");
    private static readonly (string, string) Atomic = ("x-ms-cosmos-batch-atomic", "true");
    private static readonly (string, string) GoOn = ("x-ms-cosmos-batch-continue-on-error", "true");

    private TestAccount account = null!;
    private RawClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        await account.ContainerAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Fact]
    public async Task A_transaction_costs_what_its_operations_cost()
    {
        (double[] operations, double header) = await SendAsync(
            """
            [{"operationType":"Create","resourceBody":{"id":"1","pk":"a","n":1}},
             {"operationType":"Upsert","resourceBody":{"id":"2","pk":"a","n":1,"m":2}},
             {"operationType":"Replace","id":"1","resourceBody":{"id":"1","pk":"a","n":2}},
             {"operationType":"Patch","id":"1","resourceBody":{"operations":[{"op":"incr","path":"/n","value":2}]}},
             {"operationType":"Read","id":"1"},
             {"operationType":"Delete","id":"1"}]
            """,
            Atomic);

        Assert.Equal([5.35, 5.55, 10.3, 10.7, 1, 5.35], operations);
        Assert.Equal(operations.Sum(), header, 0.0001);
    }

    [Fact]
    public async Task A_transaction_that_fails_costs_what_its_failure_costs()
    {
        (double[] operations, double header) = await SendAsync(
            """[{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}},{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}}]""",
            Atomic);

        Assert.Equal([0, 1.24], operations);
        Assert.Equal(1.24, header);
    }

    [Fact]
    public async Task Operations_of_a_bulk_request_cost_what_each_of_them_costs()
    {
        (double[] operations, double header) = await SendAsync(
            """
            [{"operationType":"Create","partitionKey":"[\"a\"]","resourceBody":{"id":"1","pk":"a"}},
             {"operationType":"Create","partitionKey":"[\"a\"]","resourceBody":{"id":"1","pk":"a"}},
             {"operationType":"Read","partitionKey":"[\"b\"]","id":"1"},
             {"operationType":"Create","partitionKey":"[\"b\"]","resourceBody":{"id":"1","pk":"a"}}]
            """,
            GoOn);

        Assert.Equal([5.15, 1.24, 1, 1.24], operations);
        Assert.Equal(operations.Sum(), header, 0.0001);
    }

    private async Task<(double[] Operations, double Header)> SendAsync(string body, (string, string) kind)
    {
        RawAnswer answer = await raw.PostAsync(Items, body, kind == Atomic ? [Batch, Atomic, Key] : [Batch, kind]);
        return (
            [.. answer.Json.EnumerateArray().Select(result => result.GetProperty("requestCharge").GetDouble())],
            double.Parse(answer.Header("x-ms-request-charge")!, CultureInfo.InvariantCulture));
    }
}
