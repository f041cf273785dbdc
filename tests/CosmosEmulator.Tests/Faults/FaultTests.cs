using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Faults;

/// <summary>What a client of the real SDK sees when a rule strikes; the SDK's own retries are off where they would hide it.</summary>
public sealed class FaultTests
{
    private static readonly PartitionKey Key = new("a");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_many_requests_comes_with_the_time_to_wait(bool overHttp)
    {
        await using TestAccount account = await StartAsync(overHttp);
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.TooManyRequests(TimeSpan.FromMilliseconds(1234)) });

        CosmosException throttled = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(new Thing("1", "a"), Key));

        Assert.Equal(HttpStatusCode.TooManyRequests, throttled.StatusCode);
        Assert.Equal(3200, throttled.SubStatusCode);
        Assert.Equal(TimeSpan.FromMilliseconds(1234), throttled.RetryAfter);
    }

    [Fact]
    public async Task The_client_retries_too_many_requests_until_the_rule_is_used_up()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        Container container = await account.ContainerAsync();
        ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.TooManyRequests(TimeSpan.FromMilliseconds(1)),
            Operations = FaultOperations.Create,
            Count = 3,
        });

        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"), Key);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal((4, 3), (fault.Matches, fault.Strikes));
    }

    [Theory]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(410)]
    [InlineData(500)]
    public async Task A_status_reaches_the_caller_and_nothing_was_written(int status)
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        using (account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.Error(status), Operations = FaultOperations.Writes }))
        {
            CosmosException failed = await Assert.ThrowsAnyAsync<CosmosException>(() => container.CreateItemAsync(new Thing("1", "a"), Key));
            Assert.Equal(status, (int)failed.StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusOfReadAsync(container, "1"));
    }

    [Fact]
    public async Task The_client_hides_a_retry_with()
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.RetryWith(),
            Operations = FaultOperations.Create,
            Count = 1,
        });

        Assert.Equal(HttpStatusCode.Created, (await container.CreateItemAsync(new Thing("1", "a"), Key)).StatusCode);
        Assert.Equal(1, fault.Strikes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_client_repeats_a_create_whose_connection_was_dropped_before_the_work(bool overHttp)
    {
        await using TestAccount account = await StartAsync(overHttp);
        Container container = await account.ContainerAsync();
        ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.DropBefore(),
            Operations = FaultOperations.Create,
            Count = 1,
        });

        Assert.Equal(HttpStatusCode.Created, (await container.CreateItemAsync(new Thing("1", "a"), Key)).StatusCode);
        Assert.Equal((2, 1), (fault.Matches, fault.Strikes));
    }

    /// <summary>The trap that this fault is for: the client repeats the create by itself and meets its own first write.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_create_whose_connection_was_dropped_after_the_work_ends_in_a_conflict_with_itself(bool overHttp)
    {
        await using TestAccount account = await StartAsync(overHttp);
        Container container = await account.ContainerAsync();
        ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.DropAfter(),
            Operations = FaultOperations.Create,
            Count = 1,
        });

        CosmosException conflict = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(new Thing("1", "a"), Key));

        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Equal((2, 1), (fault.Matches, fault.Strikes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dropped_connection_is_an_error_of_the_transport(bool overHttp)
    {
        await using var cosmos = EmbeddedCosmos.Create();
        cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.DropBefore(), Operations = FaultOperations.Metadata });
        Uri address = overHttp ? await cosmos.ListenAsync(0, TestContext.Current.CancellationToken) : cosmos.Endpoint;
        using HttpClient http = overHttp ? new HttpClient() : new HttpClient(cosmos.CreateHandler());

        await Assert.ThrowsAsync<HttpRequestException>(() => SignedRequests.GetAsync(http, new Uri(address, "dbs"), cosmos.Key));
    }

    [Fact]
    public async Task A_status_after_the_work_leaves_the_whole_batch()
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.RequestTimeout() with { AfterTheWork = true },
            Operations = FaultOperations.Batch,
            ItemId = "2", // The second operation of the batch.
            Count = 1,
        });

        TransactionalBatchResponse response = await container.CreateTransactionalBatch(Key)
            .CreateItem(new Thing("1", "a")).CreateItem(new Thing("2", "a")).ExecuteAsync();

        Assert.Equal(HttpStatusCode.RequestTimeout, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusOfReadAsync(container, "1"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfReadAsync(container, "2"));
    }

    [Fact]
    public async Task Latency_delays_and_does_nothing_else()
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        TimeSpan delay = TimeSpan.FromMilliseconds(200);
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.Latency(delay), Operations = FaultOperations.Create });

        long start = TimeProvider.System.GetTimestamp();
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"), Key);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= delay - TimeSpan.FromMilliseconds(20)); // Timers may be a tick early.
    }

    [Fact]
    public async Task Only_what_matches_everything_is_struck()
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        Container other = await account.ContainerAsync("/pk", "other");
        ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.ServiceUnavailable(),
            Operations = FaultOperations.Create | FaultOperations.Upsert,
            Database = "db",
            Container = "items",
            PartitionKey = """[ "a" ]""",
            ItemId = "1",
            When = request => request.Header("x-ms-documentdb-partitionkey") is not null,
        });

        await container.CreateItemAsync(new Thing("2", "a"), Key);
        await container.CreateItemAsync(new Thing("1", "b"), new PartitionKey("b"));
        await other.CreateItemAsync(new Thing("1", "a"), Key);
        Assert.Equal(HttpStatusCode.NotFound, await StatusOfReadAsync(container, "1"));
        Assert.Equal(0, fault.Matches);

        await Assert.ThrowsAnyAsync<CosmosException>(() => container.UpsertItemAsync(new Thing("1", "a"), Key));
        Assert.True(fault.Strikes > 0);
    }

    [Fact]
    public async Task Some_requests_are_let_through_before_a_rule_begins()
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.Error(500), Operations = FaultOperations.Create, Skip = 2 });

        await container.CreateItemAsync(new Thing("1", "a"), Key);
        await container.CreateItemAsync(new Thing("2", "a"), Key);
        await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(new Thing("3", "a"), Key));
    }

    [Fact]
    public async Task The_same_seed_strikes_the_same_requests()
    {
        string first = await PatternAsync(seed: 7);
        Assert.Equal(first, await PatternAsync(seed: 7));
        Assert.NotEqual(first, await PatternAsync(seed: 8));
        Assert.InRange(first.Count(c => c == 'x'), 20, 80);
    }

    [Fact]
    public async Task Delays_add_up_and_the_first_failure_wins()
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        FaultRules faults = account.Cosmos.Faults;
        ActiveFault delay = faults.Add(new FaultRule { Effect = FaultEffect.Latency(TimeSpan.FromMilliseconds(1)) });
        faults.Add(new FaultRule { Effect = FaultEffect.Error(500) });
        ActiveFault never = faults.Add(new FaultRule { Effect = FaultEffect.Error(413) });

        CosmosException failed = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(new Thing("1", "a"), Key));

        Assert.Equal(500, (int)failed.StatusCode);
        Assert.Equal(1, delay.Strikes);
        Assert.Equal(0, never.Matches);
        faults.Clear();
        await container.CreateItemAsync(new Thing("1", "a"), Key);
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_rule_that_makes_no_sense_is_refused(FaultRule rule) => Assert.Throws<ArgumentException>(() => new FaultRules().Add(rule));

    public static TheoryData<FaultRule> Nonsense() =>
    [
        new FaultRule { Effect = new FaultEffect() },
        new FaultRule { Effect = FaultEffect.Error(200) },
        new FaultRule { Effect = FaultEffect.DropAfter() with { Status = 500 } },
        new FaultRule { Effect = FaultEffect.Latency(TimeSpan.FromSeconds(-1)) },
        new FaultRule { Effect = FaultEffect.RetryWith(), Probability = 1.1 },
        new FaultRule { Effect = FaultEffect.RetryWith(), Probability = double.NaN },
        new FaultRule { Effect = FaultEffect.RetryWith(), Count = -1 },
        new FaultRule { Effect = FaultEffect.RetryWith(), Operations = FaultOperations.None },
    ];

    private static async Task<string> PatternAsync(int seed)
    {
        await using TestAccount account = await StartAsync();
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule
        {
            Effect = FaultEffect.Error(500),
            Operations = FaultOperations.Read,
            Probability = 0.5,
            Seed = seed,
        });
        var pattern = new char[100];
        for (int i = 0; i < pattern.Length; i++)
        {
            pattern[i] = await StatusOfReadAsync(container, "1") == HttpStatusCode.NotFound ? '.' : 'x';
        }

        return new string(pattern);
    }

    private static Task<TestAccount> StartAsync(bool overHttp = false) => TestAccount.StartAsync(overHttp: overHttp, configure: options =>
    {
        options.MaxRetryAttemptsOnRateLimitedRequests = 0;
        options.RequestTimeout = TimeSpan.FromSeconds(2);
    });

    private static async Task<HttpStatusCode> StatusOfReadAsync(Container container, string id)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(id, Key);
        return response.StatusCode;
    }
}
