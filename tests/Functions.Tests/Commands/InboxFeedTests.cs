using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

/// <summary>What the function on the feed of the inbox does with the documents that it is given.</summary>
public sealed class InboxFeedTests(TestSystem system) : IClassFixture<TestSystem>
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_are_executed_as_the_store_has_them_and_not_as_the_feed_does()
    {
        string id = await system.OpenAccountAsync();
        Answer taken = await system.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"));

        await RunAsync($$$"""
            {"id":"d1","stream":"account-{{{id}}}","format":1,"status":"pending","commandId":"other","_ts":1795426200,
             "command":{"type":"deposit","data":{"amount":{"minorUnits":9999,"currency":"EUR"}} } }
            """);

        Assert.Equal("accepted", (string?)(await system.GetAsync(taken.Header("Location")!)).Json["status"]);
        Assert.Equal(5, (int)(await system.GetAsync($"account/{id}")).Json["state"]!["balance"]!["minorUnits"]!);
    }

    [Fact]
    public async Task An_inbox_without_a_key_stops_the_start()
    {
        InvalidOperationException fault = await Assert.ThrowsAsync<InvalidOperationException>(() => TestSystem.StartAsync(
            configure: b => b.Services.AddSingleton<IInboxStore>(_ => throw new InvalidOperationException("no key"))));

        Assert.Equal("no key", fault.Message);
    }

    [Fact]
    public async Task What_is_no_command_is_passed_over_and_logged()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"));

        await RunAsync("null", """{"id":"x"}""", $$"""{"id":"d1","stream":"account-{{id}}","format":1,"status":"pending","_ts":1795426200}""");

        Assert.Equal("accepted", (string?)(await system.GetAsync($"account/{id}/commands/d1")).Json["status"]);
        Assert.Contains(system.Logs.Entries, e => e.Level == LogLevel.Error && e.Message.StartsWith("2 documents in the inbox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_whose_stream_can_not_be_read_has_failed_and_the_log_says_why()
    {
        string id = await system.OpenAccountAsync();
        StreamName stream = StreamName.Create("account", id);
        StreamHead head = await system.Events.ReadHeadAsync(stream, Token);
        Commit strange = new()
        {
            Stream = stream,
            FirstVersion = 2,
            Events = [new StoredEvent("account.abducted", 1, "{}"u8.ToArray())],
            Metadata = new CommitMetadata
            {
                CommandId = "strange",
                CommandType = "abduct",
                PolicyVersion = "1",
                Actor = "test",
                CorrelationId = "strange",
                Timestamp = TestSystem.Now,
            },
        };
        Assert.IsType<AppendResult.Appended>(await system.Events.AppendAsync(head, strange, Token));
        await using TestSystem cold = await TestSystem.StartAsync(configure: b => b.Services
            .AddSingleton<IEventStore>(system.Events).AddSingleton<IInboxStore>(system.Inbox).AddSingleton(new InboxOptions { FirstBackoff = TimeSpan.Zero }));
        Answer taken = await cold.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"), ("X-Correlation-Id", "visit-7"));

        await cold.RunFeedAsync($$"""{"id":"d1","stream":"account-{{id}}","format":1,"status":"pending","_ts":1795426200}""");

        Answer status = await cold.GetAsync(taken.Header("Location")!);
        Assert.Equal(("failed", "command-failed"), ((string?)status.Json["status"], (string?)status.Json["code"]));
        Assert.DoesNotContain("abducted", status.Body, StringComparison.Ordinal);
        (LogLevel _, string message, Exception? exception) = cold.Logs.Entries.Single(e => e.Level == LogLevel.Error);
        Assert.Equal($"Command d1 for account-{id} failed, correlation visit-7", message);
        Assert.IsType<EventDecodeException>(exception);
    }

    private Task RunAsync(params string[] documents) => system.RunFeedAsync(documents);
}
