using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Console.Tests.Support;

/// <summary>A bank with something on every screen: accounts, a transfer, refusals, an inbox, consumers of every state, and a parked stream.</summary>
public sealed class Bank : IAsyncLifetime
{
    public const string Consumer = "account-summary@1";

    public TestSystem System { get; } = new();

    public Uri Api => System.Client.BaseAddress!;

    public async ValueTask InitializeAsync()
    {
        await System.InitializeAsync();
        await OpenAsync("alice-main", "alice");
        await OpenAsync("bob-main", "bob");
        foreach (int amount in (int[])[250_000, 4_200, 13_790, 8_800, 310_000, 12_500])
        {
            System.Time.Advance(TimeSpan.FromMinutes(7));
            await PostAsync("account/alice-main/deposit", Amount(amount));
        }
        await PostAsync("account/alice-main/withdraw", Amount(8_050));
        await PostAsync("account/alice-main/withdraw", Amount(90_000_000));
        await PostAsync("account/bob-main/withdraw", Amount(50_000));
        await PostAsync("account/bob-main/freeze", """{"reason":"card lost"}""");
        await PostAsync("transfer/rent/request", """{"from":"alice-main","to":"bob-main","amount":{"minorUnits":90000,"currency":"EUR"}}""", ("X-Correlation-Id", "rent-2026-11"));
        await PostAsync("account/bob-main/deposit", Amount(100), ("Prefer", "respond-async"));
        await System.ProjectAsync("alice-main");
        await ParkAsync("bob-main", 2, "JsonException: The JSON value could not be converted to Freeze. Path: $.reason");
        Stand("account-summary@1", commits: 0);
        Stand("account-statement@1", commits: 0);
        Stand("bank-totals@1", commits: 0);
        Stand("inbox@1", commits: 0);
        // Half an hour in which one consumer falls behind and another one works something off.
        foreach (int minute in Enumerable.Range(0, 30))
        {
            Stand("customer-portfolio@1", commits: Math.Max(0, minute - 18) * 181 - (minute == 29 ? 3 : 0), seconds: Math.Max(0, minute - 18) * 8 + 4);
            Stand("transfer-process@1", commits: (29 - minute) * (minute % 4) + 3, seconds: 2);
            await System.GetAsync("manage/consumers");
            System.Time.Advance(TimeSpan.FromSeconds(60));
        }
        Stand("customer-portfolio@1", commits: 1_988, seconds: 92);
    }

    public async Task OpenAsync(string id, string owner) =>
        Assert.Equal(201, (await PostAsync($"account/{id}/open", $$"""{"owner":"{{owner}}","currency":"EUR"}""")).Status);

    public Task<Answer> PostAsync(string path, string body, params (string, string)[] headers) => System.PostAsync(path, body, headers);

    public static string Amount(int minorUnits) => $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""";

    public Task<ParkedStream?> ParkAsync(string id, long version, string error, string consumer = Consumer) => System.Parked.TryWriteAsync(
        new ParkedStream
        {
            Consumer = consumer,
            Stream = $"account-{id}",
            Status = ParkedStatus.Parked,
            FromVersion = version,
            ThroughVersion = version,
            Error = error,
            ErrorType = "System.Text.Json.JsonException",
            StackTrace = "at Bank.Views.AccountSummaryView.Apply(AccountSummary view, EventEnvelope`1 envelope) in AccountSummaryView.cs:line 31\n"
                + "at Serverless.EventSourcing.DocumentView`2.TryApplyAsync(ViewPartition partition) in DocumentView.cs:line 64",
            Attempts = 5,
            FirstFailedAt = TestSystem.Now.AddMinutes(-12),
            LastFailedAt = TestSystem.Now,
            NextRetryAt = TestSystem.Now.AddMinutes(1),
            CorrelationId = "c-1",
        },
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await System.DisposeAsync();

    private void Stand(string consumer, long commits, int seconds = 0) => System.Feeds.Lags[consumer] =
    [
        new FeedLag(
            new FeedPosition("0", "1", "this-machine", TestSystem.Now), commits,
            commits == 0 ? null : new PendingCommit("account-alice-main", 3, System.Time.GetUtcNow().AddSeconds(-seconds)), Done: 5_000),
    ];
}
