using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

public sealed class QueryTests(SystemUnderTest system)
{
    private readonly Api api = system.Api;

    [Fact]
    public async Task The_system_is_healthy() => (await api.GetAsync("health")).MustBe(200, """{"status":"healthy"}""");

    [Fact]
    public async Task Events_are_read_in_pages_in_order_and_without_a_hole()
    {
        string id = await api.NewAccountAsync();
        for (int i = 1; i <= 11; i++)
        {
            await api.DepositAsync(id, i);
        }

        List<JsonNode> events = await api.ReadAllAsync($"account/{id}/events?limit=5", "events");

        Assert.Equal(Enumerable.Range(1, 12), events.Select(e => (int)e["version"]!));
        Assert.Equal(Enumerable.Range(1, 11), events.Skip(1).Select(e => (int)e["data"]!["amount"]!["minorUnits"]!));
    }

    [Fact]
    public async Task A_state_that_did_not_change_is_not_sent_again()
    {
        string id = await api.NewAccountAsync(minorUnits: 1);
        string etag = (await api.GetAsync($"account/{id}")).Header("ETag")!;

        Answer unchanged = await api.GetAsync($"account/{id}", ("If-None-Match", etag));
        await api.DepositAsync(id, 1);
        Answer changed = await api.GetAsync($"account/{id}", ("If-None-Match", etag));

        Assert.Equal((304, "", 200), (unchanged.Status, unchanged.Body, changed.Status));
    }

    [Fact]
    public async Task The_views_are_listed()
    {
        JsonNode views = (await api.GetAsync("views")).Json;

        Assert.Equal(
            ["account-statement", "account-summary", "bank-totals", "customer-portfolio"],
            views["views"]!.AsArray().Select(v => (string?)v!["name"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_summary_follows_its_account()
    {
        string id = await api.NewAccountAsync(minorUnits: 1250);

        Answer answer = await api.SeeAsync($"account-summary/{id}", id, 2);

        Assert.Equal((200, 1250, 2), (
            answer.Status, (int)answer.Json["data"]!["balance"]!["minorUnits"]!, (int)answer.Json["seen"]![$"account-{id}"]!));
        Assert.Equal(304, (await api.GetAsync($"views/account-summary/{id}", ("If-None-Match", answer.Header("ETag")!))).Status);
    }

    [Fact]
    public async Task A_statement_is_paged_newest_first()
    {
        string id = await api.NewAccountAsync();
        for (int i = 1; i <= 5; i++)
        {
            await api.DepositAsync(id, i);
        }
        await api.SeeAsync($"account-statement/{id}", id, 6);

        List<JsonNode> newest = await api.ReadAllAsync($"views/account-statement/{id}/entries?pageSize=2", "entries");
        List<JsonNode> oldest = await api.ReadAllAsync($"views/account-statement/{id}/entries?pageSize=2&order=oldest", "entries");

        Assert.Equal([5, 4, 3, 2, 1], newest.Select(e => (int)e["data"]!["amount"]!["minorUnits"]!));
        Assert.Equal([15, 10, 6, 3, 1], newest.Select(e => (int)e["data"]!["balance"]!["minorUnits"]!));
        Assert.Equal(newest.AsEnumerable().Reverse().Select(e => (string?)e["id"]), oldest.Select(e => (string?)e["id"]));
    }

    [Fact]
    public async Task A_portfolio_is_fed_by_all_accounts_of_its_owner()
    {
        string owner = Api.NewId();
        string first = await api.NewAccountAsync(minorUnits: 100, owner);
        string second = await api.NewAccountAsync(minorUnits: 11, owner);

        await api.SeeAsync($"customer-portfolio/{owner}", first, 2);
        JsonNode portfolio = (await api.SeeAsync($"customer-portfolio/{owner}", second, 2)).Json["data"]!;

        Assert.Equal(2, portfolio["accounts"]!.AsArray().Count);
        Assert.Equal("111", (string?)Assert.Single(portfolio["totals"]!.AsArray())!["minorUnits"]);
    }

    [Fact]
    public async Task Every_summary_is_on_exactly_one_page_of_the_list()
    {
        List<string> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add(await api.NewAccountAsync());
            await api.SeeAsync($"account-summary/{ids[^1]}", ids[^1], 1);
        }

        List<string?> keys = [.. (await api.ReadAllAsync("views/account-summary?pageSize=200", "items")).Select(i => (string?)i["key"])];

        Assert.All(ids, id => Assert.Single(keys, key => key == id));
    }
}
