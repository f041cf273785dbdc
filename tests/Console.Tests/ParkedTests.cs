using Microsoft.Playwright;
using Serverless.Console.Tests.Support;
using Serverless.Functions.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Console.Tests;

/// <summary>The way of somebody who was woken: from the sentence to the stream, and out of it by clicks.</summary>
public sealed class ParkedTests(Chromium chromium) : IAsyncLifetime
{
    private readonly Bank bank = new();

    public ValueTask InitializeAsync() => bank.InitializeAsync();

    public ValueTask DisposeAsync() => bank.DisposeAsync();

    [Fact]
    public async Task The_overview_says_what_is_wrong_and_leads_there()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api);

        await Expect(console.Main.Locator(".sentence")).ToHaveTextAsync("1 stream is parked for account-summary@1 since 23 Nov, 10:18: JsonException: The JSON value could not be converted to Freeze. Path: $.reason");
        await Expect(console.Main.Locator(".verdict")).ToContainTextAsync("customer-portfolio@1 is 1,988 commits (92 s) behind.");
        await console.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "1 Parked streams" }).ClickAsync();

        await Expect(console.Heading).ToHaveTextAsync("Parked");
        await console.Main.GetByText("account-bob-main").ClickAsync();
        ILocator detail = console.Main.Locator(".detail");
        await Expect(detail.Locator(".stack")).ToContainTextAsync("AccountSummaryView.cs:line 31");
        await Expect(detail).ToContainTextAsync("Event 2: account.frozen");
        await Expect(detail).ToContainTextAsync("card lost");
        await detail.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "account-bob-main" }).ClickAsync();

        await Expect(console.Heading).ToHaveTextAsync("account-bob-main");
        await Expect(console.Page.Locator("output.version")).ToHaveTextAsync("2 / 2");
        console.AssertNoComplaints();
    }

    [Fact]
    public async Task After_the_code_is_mended_a_retry_by_clicks_brings_the_stream_back_and_is_on_record()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "parked");
        await console.Main.GetByText("account-bob-main").ClickAsync();

        await console.Button("Retry").And(console.Main.Locator(".primary")).ClickAsync();
        ILocator dialog = console.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason (optional)").FillAsync("the fix is out");
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Retry" }).ClickAsync();

        await Expect(console.Page.Locator("#toasts")).ToContainTextAsync("account-bob-main has caught up: 2 events.");
        await Expect(console.Main).ToContainTextAsync("Nothing is parked.");
        Assert.Equal("frozen", (string?)(await bank.System.GetAsync("views/account-summary/bob-main")).Json["data"]!["status"]);
        IRequest sent = Assert.Single(console.Requests, r => r.Method == "POST");
        Assert.Equal(("application/json", "console"), (sent.Headers["content-type"], sent.Headers["x-requested-with"]));
        await console.GoAsync("actions");
        await Expect(console.Main.Locator("tbody tr")).ToContainTextAsync("the fix is out");
        console.AssertNoComplaints();
    }

    [Fact]
    public async Task A_discard_takes_a_reason()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "parked");
        await console.Main.GetByText("account-bob-main").ClickAsync();

        await console.Button("Discard version 2…").ClickAsync();
        ILocator dialog = console.Page.GetByRole(AriaRole.Dialog);
        ILocator discard = dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Discard" });
        await discard.ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Say why, for those who come after you.");
        Assert.DoesNotContain(console.Requests, r => r.Method == "POST");

        await dialog.GetByLabel("Reason").FillAsync("a test");
        await discard.ClickAsync();

        await Expect(console.Page.Locator("#toasts")).ToContainTextAsync("Version 2 is left out");
        Assert.Equal("open", (string?)(await bank.System.GetAsync("views/account-summary/bob-main")).Json["data"]!["status"]);
    }

    [Fact]
    public async Task A_key_that_may_only_read_is_told_so_when_it_retries()
    {
        await using TestSystem locked = await TestSystem.StartAsync(new()
        {
            ["FunctionsHost:RequireKeys"] = "true",
            ["FunctionsHost:Keys:Host:eyes"] = "look",
            ["Roles:manage:read"] = "key:eyes",
            ["Roles:manage:operate"] = "key:nobody",
        });
        CancellationToken token = TestContext.Current.CancellationToken;
        await locked.Parked.TryWriteAsync((await bank.System.Parked.ReadAsync(Bank.Consumer, "account-bob-main", token))! with { ETag = null }, token);
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, locked.Client.BaseAddress!, "parked");
        await console.Page.GetByLabel("Key").FillAsync("look");
        await console.Button("Open").ClickAsync();
        await console.Button($"Retry all").ClickAsync();

        await console.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Retry all" }).ClickAsync();

        await Expect(console.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("Roles__manage__operate");
    }
}
