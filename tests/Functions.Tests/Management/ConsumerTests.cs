using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Management;

/// <summary>How consumers and the auditor are, as an operator reads it.</summary>
public sealed class ConsumerTests : IAsyncLifetime
{
    private const string Consumer = "account-summary@1";

    private readonly TestSystem system = new();

    public ValueTask InitializeAsync() => system.InitializeAsync();

    public ValueTask DisposeAsync() => system.DisposeAsync();

    [Fact]
    public async Task One_consumer_is_told_with_every_range_of_its_feed()
    {
        await RecordAsync(new ConsumerRecord
        {
            Consumer = Consumer,
            Counts = new ConsumerCounts { Commits = 40, Events = 55, LostRaces = 1, Failures = 6, Parked = 2, Retries = 3, Unparked = 1, Audited = 39, Healed = 4 },
            LastProgressAt = TestSystem.Now.AddMinutes(-1),
            Ranges = new Dictionary<string, RangeProgress> { ["0"] = new("9", TestSystem.Now.AddMinutes(-1)), ["1"] = new("5", TestSystem.Now.AddMinutes(-6)) },
            Faults = new Dictionary<string, FeedFault>
            {
                ["account-7/3"] = new("TimeoutException: away", IsStop: false, TestSystem.Now.AddMinutes(-6), TestSystem.Now),
            },
        });
        system.Feeds.Lags[Consumer] =
        [
            new FeedLag(new FeedPosition("0", "9", "host-a", TestSystem.Now.AddSeconds(-5)), 0, null),
            new FeedLag(
                new FeedPosition("1", "5", "host-b", TestSystem.Now.AddSeconds(-90)), 12, new PendingCommit("account-7", 3, TestSystem.Now.AddMinutes(-6.5))),
        ];

        (await system.GetAsync($"manage/consumers/{Consumer}")).MustBe(200, """
            {"consumer":"account-summary@1","state":"failing","reason":"TimeoutException: away","lag":{"commits":12,"seconds":390},
             "lastProgressAt":"2026-11-23T09:29:00Z","parked":0,"failing":0,
             "counts":{"commits":40,"events":55,"lostRaces":1,"failures":6,"parked":2,"retries":3,"unparked":1,"audited":39,"healed":4},
             "ranges":[
              {"range":"0","state":"current","lag":{"commits":0,"seconds":0},"lastProgressAt":"2026-11-23T09:29:00Z",
               "owner":"host-a","ownerSeenAt":"2026-11-23T09:29:55Z","isOwnerAlive":true},
              {"range":"1","state":"failing","reason":"TimeoutException: away","lag":{"commits":12,"seconds":390},"oldestCommit":"account-7/3",
               "lastProgressAt":"2026-11-23T09:24:00Z","owner":"host-b","ownerSeenAt":"2026-11-23T09:28:30Z","isOwnerAlive":false}]}
            """);
    }

    [Fact]
    public async Task Every_consumer_is_listed_in_order_and_one_that_never_ran_says_so()
    {
        system.Feeds.Lags[Consumer] = [new FeedLag(new FeedPosition("0", "9", "host-a", TestSystem.Now), 0, null)];

        JsonArray consumers = (await system.GetAsync("manage/consumers")).Json["consumers"]!.AsArray();

        Assert.Equal(
            [("account-statement@1", "not-started"), (Consumer, "current"), ("bank-totals@1", "not-started"),
                ("customer-portfolio@1", "not-started"), ("inbox@1", "not-started"), ("transfer-process@1", "not-started")],
            consumers.Select(c => ((string)c!["consumer"]!, (string)c["state"]!)));
        Assert.All(consumers, c => Assert.Null(c!["ranges"]));
    }

    [Fact]
    public async Task A_consumer_that_has_stopped_tells_why()
    {
        await RecordAsync(new ConsumerRecord
        {
            Consumer = Consumer,
            Faults = new Dictionary<string, FeedFault> { ["account-7/1"] = new("TooManyParkedStreamsException: too many", IsStop: true, TestSystem.Now, TestSystem.Now) },
        });
        system.Feeds.Lags[Consumer] =
            [new FeedLag(new FeedPosition("0", null, "host-a", TestSystem.Now), 1, new PendingCommit("account-7", 1, TestSystem.Now))];

        JsonNode consumer = (await system.GetAsync($"manage/consumers/{Consumer}")).Json;

        Assert.Equal(("stopped", "TooManyParkedStreamsException: too many"), ((string?)consumer["state"], (string?)consumer["reason"]));
    }

    [Fact]
    public async Task The_auditor_reports_what_it_checked_and_healed_for_each_consumer()
    {
        await RecordAsync(new ConsumerRecord
        {
            Consumer = Consumer,
            Counts = new ConsumerCounts { Audited = 12, Healed = 2 },
            LastAuditAt = TestSystem.Now,
            LastHealedAt = TestSystem.Now.AddHours(-1),
        });
        await RecordAsync(new ConsumerRecord
        {
            Consumer = Auditor.Name,
            LastProgressAt = TestSystem.Now.AddMinutes(-2),
            Faults = new Dictionary<string, FeedFault> { ["run"] = new("TimeoutException: no answer", IsStop: false, TestSystem.Now, TestSystem.Now) },
        });
        system.Feeds.Lags[Auditor.Name] =
            [new FeedLag(new FeedPosition("all", "4", Owner: null, OwnerSeenAt: null), 3, new PendingCommit("account-7", 1, TestSystem.Now.AddSeconds(-90)))];

        JsonNode report = (await system.GetAsync("manage/auditor")).Json;

        Answer.AssertJson(
            """{"state":"behind","reason":"TimeoutException: no answer","lag":{"commits":3,"seconds":90},"lastProgressAt":"2026-11-23T09:28:00Z"}""",
            new JsonObject(report.AsObject().Where(p => p.Key != "consumers").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))));
        Assert.Equal(5, report["consumers"]!.AsArray().Count);
        Answer.AssertJson(
            """{"consumer":"account-summary@1","checkedCommits":12,"healedEvents":2,"lastAuditAt":"2026-11-23T09:30:00Z","lastHealedAt":"2026-11-23T08:30:00Z"}""",
            report["consumers"]!.AsArray().Single(c => (string?)c!["consumer"] == Consumer)!);
    }

    [Theory]
    [InlineData("manage/consumers/nobody@1")]
    [InlineData("manage/consumers/account-summary")]
    [InlineData("manage/consumers/auditor@1")]
    public async Task An_unknown_consumer_is_answered_with_the_known_ones(string path) =>
        Assert.Contains(
            "transfer-process@1", (string?)(await system.GetAsync(path)).MustBeProblem(404, "unknown-consumer").Json["detail"], StringComparison.Ordinal);

    private async Task RecordAsync(ConsumerRecord record) =>
        Assert.True(await system.Records.TryWriteAsync(record, TestContext.Current.CancellationToken));
}
