using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Health;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Health;

public sealed class HealthTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task All_is_well_when_every_container_is_there()
    {
        Answer answer = await system.GetAsync("health");

        answer.MustBe(200, """{"status":"healthy"}""");
        Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_missing_container_answers_503_and_is_named()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        own.Storage.Answer = _ => Task.FromResult<IReadOnlyList<StorageFault>>([new("leases", "missing"), new("views", "throttled")]);

        Answer answer = await own.GetAsync("health");

        answer.MustBeProblem(503, "unhealthy");
        Assert.Equal("The container 'leases': missing. The container 'views': throttled.", (string?)answer.Json["detail"]);
        Assert.Equal(["leases", "views"], answer.Json["errors"]!.AsArray().Select(e => (string?)e!["path"]));
        Assert.Equal("1", answer.Header("Retry-After"));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_given_up_after_the_limit()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        TaskCompletionSource isAsked = new();
        own.Storage.Answer = async token =>
        {
            isAsked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        };

        Task<Answer> pending = own.GetAsync("health");
        await isAsked.Task;
        own.Time.Advance(HttpLimits.HealthTimeout);
        Answer answer = await pending;

        JsonNode problem = answer.MustBeProblem(503, "unhealthy").Json;
        Assert.Equal("The store did not answer within 5 seconds.", (string?)problem["detail"]);
    }

    [Fact]
    public async Task However_often_it_is_asked_the_store_is_looked_at_once_in_a_while()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        int looks = 0;
        TaskCompletionSource<IReadOnlyList<StorageFault>> first = new();
        own.Storage.Answer = _ => Interlocked.Increment(ref looks) == 1 ? first.Task : Task.FromResult<IReadOnlyList<StorageFault>>([new("views", "throttled")]);

        Task<Answer>[] together = [.. Enumerable.Range(0, 20).Select(_ => own.GetAsync("health"))];
        first.SetResult([]);
        Assert.All(await Task.WhenAll(together), a => Assert.Equal(200, a.Status));
        Assert.Equal(200, (await own.GetAsync("health")).Status);
        Assert.Equal(1, looks);

        own.Time.Advance(HttpLimits.HealthReuse);
        Assert.Equal(503, (await own.GetAsync("health")).Status);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task An_instance_is_live_whatever_becomes_of_its_store()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        own.Storage.Answer = _ => throw new InvalidOperationException("must not be asked");

        (await own.GetAsync("health/live")).MustBe(200, """{"status":"live"}""");
    }

    [Fact]
    public async Task An_instance_is_ready_while_every_consumer_keeps_up()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        Lag(own, "account-summary@1", commits: 12, TimeSpan.FromMinutes(5));

        (await own.GetAsync("health/ready")).MustBe(200, """{"status":"ready"}""");
    }

    [Fact]
    public async Task A_consumer_that_is_too_far_behind_makes_an_instance_not_ready()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        Lag(own, "account-summary@1", commits: 12, TimeSpan.FromSeconds(301));

        Answer answer = await own.GetAsync("health/ready");

        answer.MustBeProblem(503, "unhealthy").WithError("account-summary@1", "account-summary@1 is behind: 12 commits to do, the oldest 301 seconds old.");
        Assert.Equal(200, (await own.GetAsync("health")).Status);
    }

    [Fact]
    public async Task A_store_that_is_away_makes_an_instance_not_ready()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        own.Storage.Answer = _ => Task.FromResult<IReadOnlyList<StorageFault>>([new("leases", "missing")]);

        (await own.GetAsync("health/ready")).MustBeProblem(503, "unhealthy").WithError("leases", "The container 'leases': missing.");
    }

    private static void Lag(TestSystem system, string consumer, long commits, TimeSpan age) => system.Feeds.Lags[consumer] =
    [
        new FeedLag(new FeedPosition("0", "9", "host-a", TestSystem.Now), commits, new PendingCommit("account-7", 3, TestSystem.Now - age)),
    ];
}
