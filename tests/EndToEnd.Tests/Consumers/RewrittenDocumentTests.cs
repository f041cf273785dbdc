using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Consumers;

/// <summary>The host rewrites texts that look like dates in what it delivers. Nothing of that reaches a view, a process or a conversation.</summary>
public sealed class RewrittenDocumentTests(SystemUnderTest system)
{
    private const string Date = "2026-11-23T09:30:00.100+02:00";

    private readonly Api api = system.Api;

    [Fact]
    public async Task A_reason_that_is_a_date_is_in_the_view_as_it_was_sent()
    {
        string id = await api.NewAccountAsync();
        Assert.Equal(200, (await api.PostAsync($"account/{id}/freeze", $$"""{"reason":"{{Date}}"}""")).Status);

        JsonNode view = (await api.SeeAsync($"account-summary/{id}", id, 2)).Json;

        Assert.Equal(Date, (string?)view["data"]!["freezeReason"]);
        Assert.True((bool)(await system.Operator.GetAsync($"manage/streams/account-{id}/verify")).Json["isIntact"]!);
    }

    [Fact]
    public async Task A_correlation_id_that_is_a_date_keeps_its_conversation_together()
    {
        // Unique, and nevertheless a date to the host's JSON library.
        string correlation = $"2026-11-23T09:30:00.{Random.Shared.Next(1_000_000):D6}0+02:00";
        string from = await api.NewAccountAsync(minorUnits: 100);
        string to = await api.NewAccountAsync();
        string transfer = Api.NewId();
        Answer requested = await api.PostAsync(
            $"transfer/{transfer}/request", $$$"""{"from":"{{{from}}}","to":"{{{to}}}","amount":{"minorUnits":60,"currency":"EUR"}}""",
            ("X-Correlation-Id", correlation));
        Assert.True(requested.Status == 201, requested.Body);

        await Eventually.GetAsync(api, $"transfer/{transfer}", t => (string?)t["state"]!["status"] == "completed");

        JsonArray steps = (await system.Operator.GetAsync($"manage/conversations/{Uri.EscapeDataString(correlation)}")).Json["steps"]!.AsArray();
        Assert.Equal(
            new HashSet<string> { $"transfer-{transfer}", $"account-{from}", $"account-{to}" },
            steps.Select(s => (string)s!["commit"]!["stream"]!).ToHashSet());
    }
}
