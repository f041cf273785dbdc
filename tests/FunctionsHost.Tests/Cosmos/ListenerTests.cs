using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Newtonsoft.Json.Linq;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Cosmos;

/// <summary>How listeners start, what they deliver, and what happens when they can't.</summary>
public sealed class ListenerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fact_9_without_start_from_beginning_each_start_before_the_first_checkpoint_begins_at_now()
    {
        // The feed starts at the SDK's own now, so what is to be old is written on an emulator whose clock is behind.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2));
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync(clock: clock);
        await database.WriteAsync("before the first start");
        await using (TestApp app = await database.StartAppAsync<FromNowSample>())
        {
            await Wait.UntilAsync(async () => (await database.ReadLeasesAsync()).Any(lease => lease["Owner"]!.Type != JTokenType.Null));
        }

        clock.Advance(TimeSpan.FromHours(1));
        await database.WriteAsync("while the host was down");
        clock.Advance(TimeSpan.FromHours(2));
        await using TestApp again = await database.StartAppAsync<FromNowSample>();
        await database.WriteAsync("new");
        await Wait.UntilAsync(() => Of(again).All.Count > 0);
        Assert.Equal(["new"], Of(again).All.SelectMany(delivery => delivery.Ids));
    }

    [Fact]
    public async Task Fact_10_items_of_one_transactional_batch_stay_together_and_exceed_the_page_size()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        using TransactionalBatchResponse written = await database.Items.CreateTransactionalBatch(new PartitionKey("p"))
            .CreateItem(new { id = "a", pk = "p" }).CreateItem(new { id = "b", pk = "p" }).CreateItem(new { id = "c", pk = "p" }).ExecuteAsync(Cancel);
        Assert.True(written.IsSuccessStatusCode);
        await using TestApp app = await database.StartAppAsync<SmallPagesSample>();
        await Wait.UntilAsync(() => Of(app).All.Count > 0);
        Assert.Equal(["a", "b", "c"], Of(app).All[0].Ids);
    }

    [Fact]
    public async Task Fact_11_the_poll_delay_applies_only_after_an_empty_read()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("a", "b", "c");
        await using TestApp app = await database.StartAppAsync<SmallPagesSample>(); // It would wait an hour.
        await Wait.UntilAsync(() => Of(app).All.Count == 3);
        Assert.Equal(["a", "b", "c"], Of(app).All.Select(delivery => Assert.Single(delivery.Ids)));
    }

    [Fact]
    public async Task The_poll_delay_of_triggers_can_be_overridden_here()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await using TestApp app = await database.StartAppAsync<SmallPagesSample>(
            configure: builder => builder.Configuration["FunctionsHost:FeedPollDelay"] = "00:00:00.02");
        await Wait.UntilAsync(async () => (await database.ReadLeasesAsync()).Any(lease => lease["Owner"]!.Type != JTokenType.Null));
        await database.WriteAsync("a");
        await Wait.UntilAsync(() => Of(app).All.Count == 1);
    }

    [Fact]
    public async Task Fact_12_consumers_with_different_prefixes_each_get_everything()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("a", "b");
        await using TestApp app = await database.StartAppAsync<TwoConsumersSample>();
        foreach (string function in (string[])["First", "Second"])
        {
            await Wait.UntilAsync(() => Of(app).All.Where(d => d.Function == function).SelectMany(d => d.Ids).Distinct().Count() == 2);
        }

        IEnumerable<string> ids = (await database.ReadLeasesAsync()).Select(lease => (string)lease["id"]!);
        Assert.Equal(["first", "second"], ids.Select(id => id[..id.IndexOf("embedded", StringComparison.Ordinal)]).Order());
    }

    [Fact]
    public async Task Fact_12_the_prefix_is_filled_from_settings()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await using TestApp app = await database.StartAppAsync<NoRetrySample>();
        Assert.StartsWith("totals-v1", (string)Assert.Single(await database.ReadLeasesAsync())["id"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fact_13_each_partition_has_a_lease_with_one_invocation_at_a_time()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync(partitions: 2);
        await database.WriteAsync([.. Enumerable.Range(0, 20).Select(i => $"item-{i}")]);
        var both = new TaskCompletionSource();
        int now = 0;
        bool areMoreThanBoth = false;
        await using TestApp app = await database.StartAppAsync<NoRetrySample>(async (_, _) =>
        {
            int count = Interlocked.Increment(ref now);
            areMoreThanBoth |= count > 2;
            if (count == 2)
            {
                both.TrySetResult();
            }

            await both.Task; // Neither returns before both partitions are at work.
            Interlocked.Decrement(ref now);
        });
        await Wait.UntilAsync(() => Of(app).All.SelectMany(delivery => delivery.Ids).Distinct().Count() == 20);
        await both.Task.WaitAsync(Cancel);
        Assert.False(areMoreThanBoth);
        Assert.Equal(2, (await database.ReadLeasesAsync()).Count);
    }

    [Fact]
    public async Task The_time_after_which_leases_of_a_dead_host_are_taken_over_can_be_shortened_here()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await using (TestApp app = await database.StartAppAsync<NoRetrySample>())
        {
            await Wait.UntilAsync(async () => (await database.ReadLeasesAsync()).Any(lease => lease["Owner"]!.Type != JTokenType.Null));
        }

        JObject lease = Assert.Single(await database.ReadLeasesAsync());
        lease["Owner"] = "a host that was killed";
        lease["timestamp"] = TimeProvider.System.GetUtcNow().UtcDateTime;
        await database.Leases.ReplaceItemAsync(lease, (string)lease["id"]!, cancellationToken: Cancel);
        await database.WriteAsync("a");
        await using TestApp heir = await database.StartAppAsync<NoRetrySample>(
            configure: builder => builder.Configuration["FunctionsHost:LeaseExpiration"] = "00:00:01");
        await Wait.UntilAsync(() => Of(heir).All.Count == 1); // Not within the 60 s of the trigger.
        Assert.NotEqual("a host that was killed", (string?)Assert.Single(await database.ReadLeasesAsync())["Owner"]);
    }

    [Fact]
    public async Task Fact_14_a_listener_that_can_t_start_is_tried_again_until_it_does()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync(withLeases: false);
        await database.WriteAsync("a");
        ObservedTime time = new();
        await using TestApp app = await database.StartAppAsync<NoRetrySample>(configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
        await app.Logs.WaitForAsync(Failed);
        await time.PassDelayAsync();
        await Wait.UntilAsync(() => app.Logs.Entries.Count(Failed) == 2);
        await database.CreateLeasesAsync();
        await time.PassDelayAsync();
        await app.Logs.WaitForAsync(entry => entry.Message.StartsWith("The listener of 'NoRetry' started after", StringComparison.Ordinal));

        static bool Failed(RecordedLogs.Entry entry) =>
            entry.Level == LogLevel.Error && entry.Message.StartsWith("The listener of 'NoRetry' was unable to start", StringComparison.Ordinal)
            && entry.Message.Contains("lease container 'leases'", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fact_14_the_lease_container_is_created_on_request()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync(withLeases: false);
        await database.WriteAsync("a");
        await using TestApp app = await database.StartAppAsync<CreatesLeasesSample>();
        await Wait.UntilAsync(() => Of(app).All.Count == 1);
        ContainerProperties leases = await database.Leases.ReadContainerAsync(cancellationToken: Cancel);
        Assert.Equal(("/id", -1), (leases.PartitionKeyPath, leases.DefaultTimeToLive));
    }

    [Fact]
    public async Task Fact_14_if_the_database_is_down_when_leases_should_be_created_the_function_stays_disabled()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync(withLeases: false);
        await database.WriteAsync("a");
        database.IsDown = true;
        var time = new FakeTimeProvider();
        await using TestApp app = await database.StartAppAsync<CreatesLeasesSample>(configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
        Assert.Contains(app.Logs.Entries, e => e.Level == LogLevel.Error
            && e.Message.StartsWith("The 'CreatesLeases' function is in error and stays disabled", StringComparison.Ordinal));
        database.IsDown = false;
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.Message.Contains("listener", StringComparison.Ordinal));
        Assert.Empty(Of(app).All);
    }

    [Fact]
    public async Task A_missing_connection_disables_its_function_and_no_other()
    {
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Services.AddSingleton<Deliveries>(), classes: [typeof(EndlessRetrySample), typeof(OneRoute)]);
        RecordedLogs.Entry error = Assert.Single(app.Logs.Entries, entry => entry.Level == LogLevel.Error);
        Assert.StartsWith(
            "The 'Endless' function is in error and stays disabled: The Cosmos DB connection 'Bank' is not configured.", error.Message, StringComparison.Ordinal);
        using HttpResponseMessage response = await app.Client.GetAsync("/api/one", Cancel);
        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_disabled_trigger_is_not_started()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await using TestApp app = await database.StartAppAsync<NoRetrySample>(
            configure: builder => builder.Configuration["AzureWebJobs.NoRetry.Disabled"] = "true");
        Assert.Empty(await database.ReadLeasesAsync());
    }

    [Fact]
    public async Task Fact_15_documents_pass_through_the_host_s_json_library()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        using var item = new MemoryStream("""{"id":"a","pk":"a","number":1.10,"at":"2024-05-06T07:08:05.100Z","text":"1.10"}"""u8.ToArray());
        using ResponseMessage written = await database.Items.CreateItemStreamAsync(item, new PartitionKey("a"), cancellationToken: Cancel);
        written.EnsureSuccessStatusCode();
        await using TestApp app = await database.StartAppAsync<TextSample>();
        await Wait.UntilAsync(() => Of(app).All.Count == 1);
        Assert.StartsWith("""[{"id":"a","pk":"a","number":1.1,"at":"2024-05-06T07:08:05.1Z","text":"1.10",""", Of(app).All[0].Ids[0], StringComparison.Ordinal);
    }

    private static Deliveries Of(TestApp app) => app.Host.Services.GetRequiredService<Deliveries>();
}
