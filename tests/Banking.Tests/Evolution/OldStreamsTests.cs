using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.EventSourcing;

namespace Serverless.Banking.Tests.Evolution;

/// <summary>
/// Streams written before two events got a second version, with the states and views that the code of that time made of them. Both
/// files were exported then; only the ids of steps were changed when they got their namespace, before the first release.
/// </summary>
public sealed class OldStreamsTests : IAsyncLifetime
{
    private readonly StoredBank bank = new();

    public async ValueTask InitializeAsync() => Assert.Equal(36, await bank.ImportAsync(FileOf("version-1.commits.jsonl")));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task States_and_views_of_old_streams_are_what_they_were()
    {
        await bank.CatchUpAsync(withProcess: false);

        Assert.Equal(await File.ReadAllTextAsync(FileOf("version-1.portrait.json"), TestContext.Current.CancellationToken), await bank.PortraitAsync());
    }

    [Fact]
    public async Task The_old_streams_hold_both_events_in_their_first_version()
    {
        string[] old =
        [
            .. from commit in await bank.CommitsAsync()
               from stored in commit.Events
               where stored is { Type: "account.closed" or "transfer.refused", SchemaVersion: 1 }
               select $"{stored.Type} {Encoding.UTF8.GetString(stored.Data.Span)}",
        ];

        Assert.Equal(
            [
                """account.closed {}""",
                """transfer.refused {"from":"alice-1","reason":"account-closed","wasDebited":true}""",
                """transfer.refused {"from":"alice-1","reason":"account-closed","wasDebited":true}""",
                """transfer.refused {"from":"bob-1","reason":"insufficient-funds","wasDebited":false}""",
            ],
            old.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_transfer_that_was_refused_in_the_old_shape_is_refunded_by_the_new_code()
    {
        Assert.Equal("returning", (string?)(await bank.StateAsync("transfer", "under-way"))["status"]);
        long before = (long)(await bank.StateAsync("account", "alice-1"))["balance"]!["minorUnits"]!;

        await bank.CatchUpAsync();

        Assert.Equal("refunded", (string?)(await bank.StateAsync("transfer", "under-way"))["status"]);
        Assert.Equal(before + 3_300, (long)(await bank.StateAsync("account", "alice-1"))["balance"]!["minorUnits"]!);
    }

    [Fact]
    public async Task Old_streams_go_on_with_events_of_the_new_version()
    {
        await bank.SendAsync("account", "bob-1", "withdraw", """{"amount":{"minorUnits":40000,"currency":"EUR"}}""");
        await bank.SendAsync("account", "bob-1", "close", """{"cause":"owner-died"}""");
        await bank.SendAsync("transfer", "to-bob", "request", """{"from":"alice-1","to":"bob-1","amount":{"minorUnits":5,"currency":"EUR"}}""");
        await bank.CatchUpAsync();

        StoredEvent[] written = [.. (await bank.CommitsAsync()).SelectMany(c => c.Events).Where(e => e.SchemaVersion == 2)];
        Assert.Equal(
            ["""account.closed {"cause":"owner-died"}""", """transfer.refused {"from":"alice-1","reason":"account-closed","refusedBy":"target"}"""],
            written.Select(e => $"{e.Type} {Encoding.UTF8.GetString(e.Data.Span)}").Order(StringComparer.Ordinal));
        Assert.Equal("refunded", (string?)(await bank.StateAsync("transfer", "to-bob"))["status"]);
        Assert.Equal("closed", (string?)JsonNode.Parse(await bank.PortraitAsync())!["views"]!["account-summary/bob-1/view"]!["status"]);
    }

    /// <summary>What the audit asks: would today's rules decide the same? An old shape must not look like another decision.</summary>
    [Fact]
    public async Task Deciding_the_old_commands_again_comes_to_the_same_events()
    {
        List<string> otherwise = [];
        foreach (StreamName stream in (await bank.CommitsAsync()).Select(c => c.Stream).Distinct())
        {
            await foreach (PastDecision past in bank.HistoryOf(stream.Category).ReadDecisionsAsync(
                stream, AsyncEnumerable.Empty<RefusedCommand>(), TestContext.Current.CancellationToken))
            {
                Reconsidered again = past.Reconsider();
                if (again.Verdict != Verdict.Same)
                {
                    otherwise.Add($"{stream}/{past.Version + 1}: {again.Verdict}");
                }
            }
        }
        Assert.Empty(otherwise);
    }

    private static string FileOf(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
