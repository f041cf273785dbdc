using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Serverless.Console.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Console.Tests;

/// <summary>What concerns the whole store, the versions of a view, and the emulator below a local host.</summary>
public sealed class StoreTests(Chromium chromium, Bank bank)
{
    [Fact]
    public async Task The_store_is_verified_and_exported()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "store");

        await console.Button("Verify").ClickAsync();
        await Expect(console.Main.Locator(".sentence")).ToContainTextAsync("Everything is what was written: ");

        await console.Main.GetByLabel("Category").SelectOptionAsync("transfer");
        await console.Button("Export").ClickAsync();
        ILocator save = console.Main.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Save the file" });
        IDownload download = await console.Page.RunAndWaitForDownloadAsync(() => save.ClickAsync());
        string line = Assert.Single(await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
        Assert.Equal(("transfer.jsonl", "transfer-rent"), (download.SuggestedFilename, (string?)JsonNode.Parse(line)!["stream"]));
        console.AssertNoComplaints();
    }

    [Fact]
    public async Task A_key_is_compared_between_the_versions_of_a_view()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "projections");
        await console.Page.RouteAsync("**/manage/projections/account-summary/keys/alice-main", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = """
                {"projection":"account-summary","key":"alice-main","versions":[
                  {"version":2,"status":"building","asOf":"2026-11-23T09:30:00Z","data":{"owner":"alice","balance":{"minorUnits":5}}},
                  {"version":1,"status":"serving","asOf":"2026-11-23T09:30:00Z","data":{"owner":"alice","balance":{"minorUnits":7}}}]}
                """,
        }));

        await console.Main.GetByRole(AriaRole.Region, new LocatorGetByRoleOptions { Name = "account-summary" }).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Compare a key…" }).ClickAsync();
        ILocator dialog = console.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Key", new LocatorGetByLabelOptions { Exact = true }).FillAsync("alice-main");
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show" }).ClickAsync();

        await Expect(dialog.GetByRole(AriaRole.Listitem)).ToHaveTextAsync("$.balance.minorUnits: 7 → 5");
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Close" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        console.AssertNoComplaints();
    }

    [Fact]
    public async Task On_an_emulator_the_database_fails_by_button()
    {
        List<JsonNode> rules = [];
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api);
        await Expect(console.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Faults" })).ToBeHiddenAsync();
        await console.Page.RouteAsync("**/local/faults", async route =>
        {
            if (route.Request.Method == "POST")
            {
                rules.Add(JsonNode.Parse(route.Request.PostData!)!);
            }
            else if (route.Request.Method == "DELETE")
            {
                rules.Clear();
            }
            await route.FulfillAsync(new RouteFulfillOptions
            {
                ContentType = "application/json",
                Body = $"[{string.Join(',', rules.Select(r => $$"""{"number":1,"matches":3,"strikes":3,"rule":{{r.ToJsonString()}}}"""))}]",
            });
        });
        await console.Page.ReloadAsync();

        await console.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Faults" }).ClickAsync();
        await console.Main.GetByLabel("Container").SelectOptionAsync("views");
        await console.Button("Refuse (503)").ClickAsync();

        await Expect(console.Main.Locator("tbody tr")).ToContainTextAsync("Refuse (503)views");
        Assert.Equal("""{"effect":{"status":503},"container":"views","probability":1}""", Assert.Single(rules).ToJsonString());
        await console.Button("End all").ClickAsync();
        await Expect(console.Main).ToContainTextAsync("The database works.");
        console.AssertNoComplaints();
    }
}
