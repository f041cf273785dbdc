using Microsoft.Playwright;
using Serverless.Console.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Console.Tests;

/// <summary>Time travel by slider, keys, and address.</summary>
public sealed class StreamTests(Chromium chromium, Bank bank)
{
    private const string Stream = "stream/account-alice-main";

    [Fact]
    public async Task The_slider_goes_to_any_version_and_the_difference_is_shown()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, Stream);
        ILocator version = console.Page.Locator("output.version");
        await Expect(version).ToHaveTextAsync("8 / 8");

        await console.Page.GetByLabel("Version", new PageGetByLabelOptions { Exact = true }).FillAsync("2");

        await Expect(version).ToHaveTextAsync("2 / 8");
        await Expect(console.Main.Locator(".changes")).ToContainTextAsync("250000");
        Assert.EndsWith("#/stream/account-alice-main?version=2", console.Page.Url, StringComparison.Ordinal);
        await console.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "State", Exact = true }).ClickAsync();
        await Expect(console.Main.Locator(".json")).ToContainTextAsync("balance");
        console.AssertNoComplaints();
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, Stream + "?version=3");
        ILocator version = console.Page.Locator("output.version");

        foreach ((string key, string expected) in ((string, string)[])[("ArrowRight", "4 / 8"), ("ArrowLeft", "3 / 8"), ("Home", "1 / 8"), ("ArrowLeft", "0 / 8"), ("End", "8 / 8")])
        {
            await console.Page.Keyboard.PressAsync(key);
            await Expect(version).ToHaveTextAsync(expected);
        }

        await console.Page.Keyboard.PressAsync("/");
        await console.Page.Keyboard.TypeAsync("rent-2026-11");
        await console.Page.Keyboard.PressAsync("Enter");
        await Expect(console.Heading).ToHaveTextAsync("Find");
        await Expect(console.Main).ToContainTextAsync("Conversation");
    }

    [Fact]
    public async Task An_address_leads_to_a_version_and_a_wrong_one_to_an_explanation()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, Stream + "?version=4");
        await Expect(console.Page.Locator("output.version")).ToHaveTextAsync("4 / 8");

        await console.Page.GotoAsync(new Uri(bank.Api, "console#/stream/account-nobody").AbsoluteUri);

        await Expect(console.Main.GetByRole(AriaRole.Alert)).ToContainTextAsync("nobody");
    }

    [Fact]
    public async Task The_seals_of_a_stream_are_checked_by_a_click()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, Stream);

        await console.Button("Verify").ClickAsync();

        await Expect(console.Main).ToContainTextAsync("8 commits intact");
    }

    [Fact]
    public async Task A_refused_command_is_tried_again_without_writing()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "refused");
        await console.Main.Locator(".item", new LocatorLocatorOptions { HasText = "account-alice-main" }).Locator("summary").ClickAsync();

        await console.Button("Try again now").First.ClickAsync();

        await Expect(console.Main).ToContainTextAsync("It would not be accepted on version 8.");
    }

    [Fact]
    public async Task A_command_is_filled_in_and_sent_and_shows_up_in_the_live_tail()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "send");
        string id = $"new-{Guid.NewGuid():N}";
        await console.Page.GetByLabel("Stream").FillAsync($"account-{id}");
        await console.Page.GetByLabel("owner").FillAsync("carol");

        await console.Button("Send").And(console.Main.Locator(".primary")).ClickAsync();

        await Expect(console.Main).ToContainTextAsync($"Written to account-{id} version 1");
        await console.GoAsync("live");
        await Expect(console.Main.Locator("tbody tr").First).ToContainTextAsync($"account-{id}");
        console.AssertNoComplaints();
    }
}
