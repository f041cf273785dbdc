using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Management;

/// <summary>What needs attention, over all consumers; each test has a bank of its own, since it asks for everything.</summary>
public sealed class OverviewTests : IAsyncLifetime
{
    private readonly TestSystem system = new();

    public ValueTask InitializeAsync() => system.InitializeAsync();

    public ValueTask DisposeAsync() => system.DisposeAsync();

    [Fact]
    public async Task A_key_is_shown_in_every_version_of_a_projection()
    {
        string id = await system.OpenAccountAsync(minorUnits: 100);
        await system.ProjectAsync(id);

        JsonNode known = (await system.GetAsync($"manage/projections/account-summary/keys/{id}")).Json["versions"]!;
        JsonNode nothing = (await system.GetAsync("manage/projections/account-summary/keys/nobody")).Json["versions"]!;

        JsonNode version = Assert.Single(known.AsArray())!;
        Assert.Equal((1, "serving", 100), ((int)version["version"]!, (string?)version["status"], (int)version["data"]!["balance"]!["minorUnits"]!));
        Assert.Equal(2, (int)version["seen"]![$"account-{id}"]!);
        Assert.Null(Assert.Single(nothing.AsArray())!["data"]);
        (await system.GetAsync("manage/projections/nothing/keys/1")).MustBeProblem(404, "unknown-view");
    }

    [Fact]
    public async Task What_is_parked_is_listed_over_all_consumers_page_by_page()
    {
        string[] consumers = ["account-summary@1", "customer-portfolio@1", "transfer-process@1"];
        foreach (string consumer in consumers)
        {
            foreach (string id in (string[])["1", "2", "3"])
            {
                await ParkAsync(consumer, $"account-{id}");
            }
        }

        List<string> read = [];
        string? continuation = null;
        do
        {
            JsonNode page = (await system.GetAsync($"manage/parked?pageSize=2{(continuation is null ? "" : $"&continuation={continuation}")}")).Json;
            read.AddRange(page["items"]!.AsArray().Select(i => $"{i!["consumer"]} {i["parked"]!["stream"]}"));
            continuation = (string?)page["continuation"];
        }
        while (continuation is not null);

        Assert.Equal([.. consumers.SelectMany(c => (string[])[$"{c} account-1", $"{c} account-2", $"{c} account-3"])], read);
        (await system.GetAsync("manage/parked?continuation=nonsense")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task The_inbox_is_listed_by_status()
    {
        await system.PostAsync("account/a/open", """{"owner":"ada","currency":"EUR"}""", ("Prefer", "respond-async"), ("Idempotency-Key", "open-a"));

        (await system.GetAsync("manage/inbox")).MustBe(200, """
            {"status":"pending","commands":[{"stream":"account-a","command":"open","commandId":"open-a","correlationId":"open-a","actor":"anonymous",
             "receivedAt":"2026-11-23T09:30:00Z"}]}
            """);
        await system.RunInboxAsync();

        (await system.GetAsync("manage/inbox")).MustBe(200, """{"status":"pending","commands":[]}""");
        (await system.GetAsync("manage/inbox?status=failed")).MustBe(200, """{"status":"failed","commands":[]}""");
        Assert.Single((await system.GetAsync("manage/inbox?status=accepted")).Json["commands"]!.AsArray());
        (await system.GetAsync("manage/inbox?status=lost")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task What_operators_did_is_listed_over_all_consumers()
    {
        await system.PostAsync("manage/consumers/account-summary@1/retry", "");
        system.Time.Advance(TimeSpan.FromSeconds(1));
        await system.PostAsync("manage/consumers/transfer-process@1/retry", "");

        JsonNode answer = (await system.GetAsync("manage/actions")).Json;

        Assert.Null(answer["consumer"]);
        Assert.Equal(["transfer-process@1", "account-summary@1"], answer["items"]!.AsArray().Select(i => (string)i!["consumer"]!));
    }

    [Fact]
    public async Task How_far_behind_consumers_were_is_remembered_from_when_somebody_asked()
    {
        Assert.Empty(await SamplesAsync());
        for (int n = 0; n < 4; n++)
        {
            await system.GetAsync("manage/consumers");
            system.Time.Advance(LagHistory.Interval);
        }
        await system.GetAsync("manage/consumers");
        system.Time.Advance(TimeSpan.FromSeconds(1));
        await system.GetAsync("manage/consumers"); // Too soon for another sample: it takes the place of the last.

        string[] samples = await SamplesAsync();

        Assert.Equal(
            ["2026-11-23T09:30:00Z", "2026-11-23T09:30:15Z", "2026-11-23T09:30:30Z", "2026-11-23T09:30:45Z", "2026-11-23T09:31:00Z", "2026-11-23T09:31:01Z"],
            samples);

        async Task<string[]> SamplesAsync() =>
            [.. (await system.GetAsync("manage/lag")).Json["consumers"]!.AsArray().Single(c => (string?)c!["consumer"] == "account-summary@1")!
                ["samples"]!.AsArray().Select(s => (string)s!["at"]!)];
    }

    [Fact]
    public async Task The_model_has_aggregates_with_commands_and_events_and_who_consumes_what()
    {
        JsonNode model = (await system.GetAsync("manage/model")).Json;

        JsonNode account = model["aggregates"]!.AsArray().Single(a => (string?)a!["category"] == "account")!;
        Assert.Contains("deposit", account["commands"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Contains(account["commands"]!.AsArray(), c => (bool)c!["isInternal"]!);
        Assert.All(account["events"]!.AsArray(), e => Assert.Contains((int)e!["version"]!, e["versions"]!.AsArray().Select(v => (int)v!)));
        Assert.Contains("insufficient-funds", account["rejections"]!.AsArray().Select(r => (string)r!["code"]!));
        JsonNode process = model["consumers"]!.AsArray().Single(c => (string?)c!["consumer"] == "transfer-process@1")!;
        Assert.Equal("process", (string?)process["kind"]);
        Assert.Contains("transfer", process["categories"]!.AsArray().Select(c => (string)c!));
    }

    private Task<ParkedStream?> ParkAsync(string consumer, string stream) => system.Parked.TryWriteAsync(
        new ParkedStream
        {
            Consumer = consumer,
            Stream = stream,
            Status = ParkedStatus.Parked,
            FromVersion = 1,
            ThroughVersion = 1,
            Error = "JsonException: broken",
            Attempts = 5,
            FirstFailedAt = TestSystem.Now,
            LastFailedAt = TestSystem.Now,
        },
        TestContext.Current.CancellationToken);
}
