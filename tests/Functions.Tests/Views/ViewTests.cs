using System.Text.Json.Nodes;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Views;

public sealed class ViewTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task The_list_of_views_says_what_there_is_and_where() =>
        (await system.GetAsync("views")).MustBe(200, """
            {"views":[
              {"name":"account-summary","version":1,"fedBy":["account"],"hasEntries":false,"address":"/api/views/account-summary"},
              {"name":"account-statement","version":1,"fedBy":["account"],"hasEntries":true,"address":"/api/views/account-statement"},
              {"name":"customer-portfolio","version":1,"fedBy":["account"],"hasEntries":false,"address":"/api/views/customer-portfolio"},
              {"name":"bank-totals","version":1,"fedBy":["account"],"hasEntries":false,"address":"/api/views/bank-totals"}]}
            """);

    [Fact]
    public async Task A_view_says_how_far_it_has_come()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1250);
        await system.ProjectAsync(id);

        Answer answer = await system.GetAsync($"views/account-summary/{id}");

        answer.MustBe(200, $$$$"""
            {"view":"account-summary","version":1,"key":"{{{{id}}}}","asOf":"2026-11-23T09:30:00Z","seen":{"account-{{{{id}}}}":2},
             "data":{"account":"{{{{id}}}}","owner":"ada","status":"open","balance":{"minorUnits":1250,"currency":"EUR"},
                     "overdraftLimit":{"minorUnits":0,"currency":"EUR"},"openedAt":"2026-11-23T09:30:00Z"}}
            """);
    }

    [Fact]
    public async Task A_view_that_has_not_seen_the_key_answers_404()
    {
        string id = await system.OpenAccountAsync();

        (await system.GetAsync($"views/account-summary/{id}")).MustBeProblem(404, "unknown-view-key");
        (await system.GetAsync($"views/account-statement/{id}/entries")).MustBeProblem(404, "unknown-view-key");
    }

    [Fact]
    public async Task A_view_that_does_not_exist_answers_404()
    {
        (await system.GetAsync("views/nothing")).MustBeProblem(404, "unknown-view");
        (await system.GetAsync("views/nothing/1")).MustBeProblem(404, "unknown-view");
        (await system.GetAsync("views/nothing/1/entries")).MustBeProblem(404, "unknown-view");
        (await system.GetAsync("views/Account-Summary")).MustBeProblem(404, "unknown-view");
    }

    [Fact]
    public async Task A_view_that_the_client_has_is_not_sent_again_until_it_changes()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1);
        await system.ProjectAsync(id);
        string etag = (await system.GetAsync($"views/account-summary/{id}")).Header("ETag")!;

        Answer unchanged = await system.GetAsync($"views/account-summary/{id}", ("If-None-Match", etag));
        await system.DepositAsync(id, 1);
        await system.ProjectAsync(id);
        Answer changed = await system.GetAsync($"views/account-summary/{id}", ("If-None-Match", etag));

        Assert.Equal((304, "", etag), (unchanged.Status, unchanged.Body, unchanged.Header("ETag")));
        Assert.Equal(200, changed.Status);
        Assert.NotEqual(etag, changed.Header("ETag"));
    }

    [Fact]
    public async Task A_view_fed_by_several_streams_lists_how_far_each_was_seen()
    {
        string owner = $"owner-{Guid.NewGuid():N}";
        string first = await system.OpenAccountAsync(minorUnits: 100, owner);
        string second = await system.OpenAccountAsync(owner: owner);
        await system.ProjectAsync(first);
        await system.ProjectAsync(second);

        JsonNode view = (await system.GetAsync($"views/customer-portfolio/{owner}")).Json;

        Assert.Equal((2, 1), ((int)view["seen"]![$"account-{first}"]!, (int)view["seen"]![$"account-{second}"]!));
        Assert.Equal(2, view["data"]!["accounts"]!.AsArray().Count);
    }

    [Fact]
    public async Task Totals_are_found_by_the_id_of_their_document()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        await own.ProjectAsync(await own.OpenAccountAsync(minorUnits: 1250));

        (await own.GetAsync("views/bank-totals")).MustBe(200, """
            {"view":"bank-totals","version":1,"items":[{"key":"2026-11-23.EUR","asOf":"2026-11-23T09:30:00Z",
             "data":{"day":"2026-11-23","currency":"EUR","accountsOpened":1,"deposits":1,"depositedMinorUnits":"1250","withdrawals":0,"withdrawnMinorUnits":"0"}}]}
            """);
        (await own.GetAsync("views/bank-totals/2026-11-23.EUR")).MustBe(200, """
            {"view":"bank-totals","version":1,"key":"2026-11-23.EUR","asOf":"2026-11-23T09:30:00Z",
             "data":{"day":"2026-11-23","currency":"EUR","accountsOpened":1,"deposits":1,"depositedMinorUnits":"1250","withdrawals":0,"withdrawnMinorUnits":"0"}}
            """);
        (await own.GetAsync("views/bank-totals/2026-11-24.EUR")).MustBeProblem(404, "unknown-view-key");
    }

    [Fact]
    public async Task Pages_of_a_view_lead_from_one_to_the_next_until_the_end()
    {
        await using TestSystem own = await TestSystem.StartAsync();
        List<string> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add(await own.OpenAccountAsync());
            await own.ProjectAsync(ids[^1]);
        }

        List<string> keys = await ReadAllAsync(own, "views/account-summary?pageSize=2", "items", i => (string)i["key"]!);

        Assert.Equal(ids.Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Entries_come_newest_first_or_oldest_first_in_pages()
    {
        string id = await system.OpenAccountAsync();
        for (int i = 1; i <= 5; i++)
        {
            await system.DepositAsync(id, i);
        }
        await system.ProjectAsync(id);

        static int AmountOf(JsonNode entry) => (int)entry["data"]!["amount"]!["minorUnits"]!;
        Assert.Equal([5, 4, 3, 2, 1], await ReadAllAsync(system, $"views/account-statement/{id}/entries?pageSize=2", "entries", AmountOf));
        Assert.Equal(
            [1, 2, 3, 4, 5], await ReadAllAsync(system, $"views/account-statement/{id}/entries?pageSize=2&order=oldest", "entries", AmountOf));
    }

    [Fact]
    public async Task An_entry_has_its_id_and_what_was_stored()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 7, ("X-Correlation-Id", "c"));
        await system.ProjectAsync(id);

        (await system.GetAsync($"views/account-statement/{id}/entries")).MustBe(200, $$$$"""
            {"view":"account-statement","version":1,"key":"{{{{id}}}}","asOf":"2026-11-23T09:30:00Z","seen":{"account-{{{{id}}}}":2},"entries":[{"id":"0000000001","data":
              {"version":2,"at":"2026-11-23T09:30:00Z","kind":"deposit","amount":{"minorUnits":7,"currency":"EUR"},
               "balance":{"minorUnits":7,"currency":"EUR"},"correlationId":"c"}}]}
            """);
    }

    [Fact]
    public async Task A_view_without_entries_yet_has_an_empty_list()
    {
        string id = await system.OpenAccountAsync();
        await system.ProjectAsync(id);

        Assert.Empty((await system.GetAsync($"views/account-statement/{id}/entries")).Json["entries"]!.AsArray());
    }

    [Fact]
    public async Task A_view_that_has_no_entries_at_all_answers_404() =>
        (await system.GetAsync("views/account-summary/1/entries")).MustBeProblem(404, "unknown-route");

    [Theory]
    [InlineData("pageSize=0", "pageSize", "It is a whole number from 1 to 200.")]
    [InlineData("pageSize=201", "pageSize", "It is a whole number from 1 to 200.")]
    [InlineData("continuation=!", "continuation", "It is not one that this list gave: begin again without it.")]
    [InlineData("continuation=AAAA", "continuation", "It is not one that this list gave: begin again without it.")]
    [InlineData("continuation=AAAAAAAAAAAA", "continuation", "It is not one that this list gave: begin again without it.")]
    [InlineData("continuation=", "continuation", "It is not one that this list gave: begin again without it.")]
    public async Task A_wrong_query_parameter_answers_400_and_says_which(string query, string name, string message) =>
        (await system.GetAsync($"views/account-summary?{query}")).MustBeProblem(400, "invalid-request").WithError(name, message);

    [Fact]
    public async Task Another_order_than_newest_or_oldest_answers_400() =>
        (await system.GetAsync("views/account-statement/1/entries?order=up")).MustBeProblem(400, "invalid-request")
            .WithError("order", "It is one of: newest, oldest.");

    [Fact]
    public async Task A_continuation_of_another_list_answers_400()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 1);
        await system.DepositAsync(id, 2);
        await system.ProjectAsync(id);
        string list = $"views/account-statement/{id}/entries?pageSize=1";
        string token = (string)(await system.GetAsync(list)).Json["continuation"]!;

        Assert.Equal(200, (await system.GetAsync($"{list}&continuation={token}")).Status);
        (await system.GetAsync($"{list}&order=oldest&continuation={token}")).MustBeProblem(400, "invalid-request");
        (await system.GetAsync($"views/account-statement/other/entries?continuation={token}")).MustBeProblem(400, "invalid-request");
        (await system.GetAsync($"views/account-statement?continuation={token}")).MustBeProblem(400, "invalid-request");
    }

    private static async Task<List<T>> ReadAllAsync<T>(TestSystem from, string path, string list, Func<JsonNode, T> read)
    {
        List<T> all = [];
        for (string? next = path; next is not null;)
        {
            JsonNode page = (await from.GetAsync(next)).Json;
            Assert.InRange(page[list]!.AsArray().Count, 1, 2);
            all.AddRange(page[list]!.AsArray().Select(i => read(i!)));
            next = (string?)page["next"];
        }
        return all;
    }
}
