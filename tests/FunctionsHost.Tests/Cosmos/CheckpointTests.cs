using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Newtonsoft.Json.Linq;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Cosmos;

/// <summary>When the lease moves and when it does not: what makes a batch delivered, repeated or lost.</summary>
public sealed class CheckpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fact_1_the_lease_moves_when_the_function_has_returned_and_not_before()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("a");
        var finish = new TaskCompletionSource();
        await using TestApp app = await database.StartAppAsync<NoRetrySample>((_, _) => finish.Task);
        await Wait.UntilAsync(() => Of(app).All.Count == 1);
        Assert.Null(await ContinuationAsync(database));
        finish.SetResult();
        await Wait.UntilAsync(async () => await ContinuationAsync(database) is not null);
    }

    [Fact]
    public async Task Fact_2_without_a_policy_a_batch_that_failed_is_lost()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("bad");
        await using (TestApp app = await database.StartAppAsync<NoRetrySample>(FailOn("bad")))
        {
            await Wait.UntilAsync(async () => await ContinuationAsync(database) is not null);
            string? lost = await ContinuationAsync(database);
            await database.WriteAsync("good");
            await Wait.UntilAsync(() => Of(app).All.Any(delivery => delivery.Ids.Contains("good")));
            await Wait.UntilAsync(async () => await ContinuationAsync(database) != lost); // Or a restart delivers it again.
            Assert.Contains(app.Logs.Entries, e => e.Level == LogLevel.Warning && e.Message.EndsWith("'NoRetry' failed on 1 changes", StringComparison.Ordinal));
        }

        await AssertNextAfterRestartAsync<NoRetrySample>(database, ["later"]);
    }

    [Fact]
    public async Task Fact_3_a_finite_policy_holds_the_batch_and_then_skips_it()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("bad");
        ObservedTime time = new();
        await using (TestApp app = await database.StartAppAsync<TwoRetriesSample>(FailOn("bad"), builder => builder.Services.AddSingleton<TimeProvider>(time)))
        {
            Assert.Equal(TimeSpan.FromSeconds(10), await time.PassDelayAsync());
            await Wait.UntilAsync(() => Of(app).All.Count == 2);
            Assert.Null(await ContinuationAsync(database));
            await time.PassDelayAsync();
            await Wait.UntilAsync(async () => await ContinuationAsync(database) is not null);
            Assert.Equal(3, Of(app).All.Count);
        }

        await AssertNextAfterRestartAsync<TwoRetriesSample>(database, ["later"]);
    }

    [Fact]
    public async Task Fact_4_an_unlimited_policy_blocks_the_lease_until_the_batch_succeeds()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("bad");
        bool isHealed = false;
        ObservedTime time = new();
        await using TestApp app = await database.StartAppAsync<EndlessRetrySample>(
            (delivery, _) => isHealed ? Task.CompletedTask : throw new InvalidOperationException("no"),
            builder => builder.Services.AddSingleton<TimeProvider>(time));
        for (int attempts = 1; attempts <= 5; attempts++)
        {
            await time.PassDelayAsync();
            await Wait.UntilAsync(() => Of(app).All.Count == attempts + 1);
        }

        await database.WriteAsync("behind");
        await time.PassDelayAsync();
        await Wait.UntilAsync(() => Of(app).All.Count == 7);
        Assert.All(Of(app).All, delivery => Assert.Equal(["bad"], delivery.Ids));
        Assert.Null(await ContinuationAsync(database));

        isHealed = true;
        await time.PassDelayAsync();
        await Wait.UntilAsync(() => Of(app).All.Any(delivery => delivery.Ids.Contains("behind")));
    }

    [Fact]
    public async Task Fact_4_a_blocked_lease_goes_on_being_renewed()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("bad");
        await using TestApp app = await database.StartAppAsync<ShortLeaseSample>(FailOn("bad"), builder => builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider()));
        await Wait.UntilAsync(() => Of(app).All.Count == 1);
        for (int renewals = 0; renewals < 3; renewals++)
        {
            string? etag = (string?)(await LeaseAsync(database))["_etag"];
            await Wait.UntilAsync(async () => (string?)(await LeaseAsync(database))["_etag"] != etag);
        }

        Assert.Single(Of(app).All);
    }

    [Fact]
    public async Task Fact_5_a_retried_batch_is_the_same_in_one_process_and_larger_after_a_restart()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("bad1");
        ObservedTime time = new();
        await using (TestApp app = await database.StartAppAsync<EndlessRetrySample>(FailOn("bad1"), builder => builder.Services.AddSingleton<TimeProvider>(time)))
        {
            await Wait.UntilAsync(() => Of(app).All.Count == 1);
            await database.WriteAsync("ok2");
            await time.PassDelayAsync();
            await Wait.UntilAsync(() => Of(app).All.Count == 2);
            Assert.All(Of(app).All, delivery => Assert.Equal(["bad1"], delivery.Ids));
        }

        await using TestApp again = await database.StartAppAsync<EndlessRetrySample>();
        await Wait.UntilAsync(() => Of(again).All.Count == 1);
        Assert.Equal("Endless [bad1 ok2] 0/-1", Of(again).All[0].ToString());
    }

    [Theory]
    [InlineData(true)] // The function is running and sees its token.
    [InlineData(false)] // The host is waiting to retry.
    public async Task Fact_7_a_graceful_stop_keeps_the_checkpoint_and_releases_the_lease(bool isRunning)
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("a");
        TestApp app = await database.StartAppAsync<EndlessRetrySample>(
            (_, token) => isRunning ? Task.Delay(Timeout.Infinite, token) : throw new InvalidOperationException("no"),
            builder => builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider()));
        await (isRunning
            ? Wait.UntilAsync(() => Of(app).All.Count == 1)
            : app.Logs.WaitForAsync(entry => entry.Message.StartsWith("Waiting for", StringComparison.Ordinal)));
        await app.Host.StopAsync(Cancel);
        JObject lease = await LeaseAsync(database);
        Assert.Equal(JTokenType.Null, lease["Owner"]!.Type);
        Assert.Null(await ContinuationAsync(database));
        Assert.DoesNotContain(app.Logs.Entries, e => e.Level == LogLevel.Error && e.Category.Contains("Trigger", StringComparison.Ordinal));
        await app.DisposeAsync();

        await using TestApp again = await database.StartAppAsync<EndlessRetrySample>();
        await Wait.UntilAsync(() => Of(again).All.Count == 1);
        Assert.Equal(["a"], Of(again).All[0].Ids);
    }

    [Fact]
    public async Task Fact_8_a_lease_that_is_taken_away_does_not_stop_the_function()
    {
        await using TriggerDatabase database = await TriggerDatabase.CreateAsync();
        await database.WriteAsync("a");
        var finish = new TaskCompletionSource();
        bool isFirstCancelled = false;
        await using TestApp first = await database.StartAppAsync<ShortLeaseSample>(async (_, token) =>
        {
            await finish.Task;
            isFirstCancelled = token.IsCancellationRequested;
        });
        await Wait.UntilAsync(() => Of(first).All.Count == 1);
        await StealAsync(database);
        await using TestApp second = await database.StartAppAsync<ShortLeaseSample>();
        await Wait.UntilAsync(() => Of(second).All.Count >= 1);
        Assert.Equal(["a"], Of(second).All[0].Ids); // Both hosts are at work on the same batch.
        finish.SetResult();
        await Wait.UntilAsync(() => first.Logs.Entries.Any(entry => entry.Message.Contains("Executed 'Functions.ShortLease' (Succeeded", StringComparison.Ordinal)));
        Assert.False(isFirstCancelled);
    }

    private static Func<Delivery, CancellationToken, Task> FailOn(string id) =>
        (delivery, _) => delivery.Ids.Contains(id) ? throw new InvalidOperationException("no") : Task.CompletedTask;

    private static Deliveries Of(TestApp app) => app.Host.Services.GetRequiredService<Deliveries>();

    private static async Task AssertNextAfterRestartAsync<T>(TriggerDatabase database, string[] ids)
    {
        await database.WriteAsync(ids);
        await using TestApp app = await database.StartAppAsync<T>();
        await Wait.UntilAsync(() => Of(app).All.Count > 0);
        Assert.Equal(ids, Of(app).All[0].Ids);
    }

    private static async Task<JObject> LeaseAsync(TriggerDatabase database) => Assert.Single(await database.ReadLeasesAsync());

    private static async Task<string?> ContinuationAsync(TriggerDatabase database) => (string?)(await LeaseAsync(database))["ContinuationToken"];

    // What another host does to a lease that looks expired: a new owner, under a new ETag.
    private static async Task StealAsync(TriggerDatabase database)
    {
        JObject lease = await LeaseAsync(database);
        lease["Owner"] = "somebody else";
        lease["timestamp"] = DateTime.UtcNow.AddHours(-1);
        await database.Leases.UpsertItemAsync(lease, cancellationToken: Cancel);
    }
}
