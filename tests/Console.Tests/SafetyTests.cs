using Microsoft.Playwright;
using Serverless.Console.Tests.Support;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Console.Tests;

/// <summary>What an attacker can store or send, and where a key can go.</summary>
public sealed class SafetyTests(Chromium chromium) : IAsyncLifetime
{
    private const string Markup = "<img src=x onerror=window.attacked=1><script>window.attacked=1</script>";

    private readonly Bank bank = new();

    public ValueTask InitializeAsync() => bank.InitializeAsync();

    public ValueTask DisposeAsync() => bank.DisposeAsync();

    [Fact]
    public async Task Markup_in_every_field_that_can_be_stored_stays_text_on_every_screen()
    {
        const string id = "javascript%3Aalert(1)\"><img/src=x/onerror=window.attacked=1>";
        await bank.PostAsync("account/alice-main/freeze", $$"""{"reason":"{{Markup}}"}""", ("X-Correlation-Id", id), ("Idempotency-Key", id));
        await bank.PostAsync("account/alice-main/deposit", Bank.Amount(1), ("X-Correlation-Id", id));
        await bank.PostAsync("account/bob-main/deposit", Bank.Amount(1), ("X-Correlation-Id", id), ("Prefer", "respond-async"));
        await bank.ParkAsync("alice-main", 9, Markup);
        await bank.System.Actions.WriteAsync(
            new OperatorAction { Id = "~", Consumer = Markup, Kind = Markup, Stream = Markup, Reason = Markup, Actor = Markup, StartedAt = TestSystem.Now, Outcome = Markup, Detail = Markup },
            TestContext.Current.CancellationToken);
        await bank.System.ProjectAsync("alice-main");
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api);

        foreach (string place in (string[])["overview", "parked", "refused", "inbox", "streams", "live", "actions", "stream/account-alice-main", "stream/account-alice-main?show=commit",
            "stream/account-alice-main?show=event", $"conversation/{Uri.EscapeDataString(id)}", $"find?q={Uri.EscapeDataString(id)}", "views/account-summary/alice-main", $"views/{Uri.EscapeDataString(Markup)}", Uri.EscapeDataString(Markup)])
        {
            await console.Page.GotoAsync(new Uri(bank.Api, $"console#/{place}").AbsoluteUri);
            await Expect(console.Main.Locator("h1, .failure").First).ToBeVisibleAsync();
            await Expect(console.Main.Locator(".loading")).ToHaveCountAsync(0);
            foreach (ILocator item in await console.Main.Locator("details.item > summary").AllAsync())
            {
                await item.ClickAsync();
            }
            Assert.Equal(0, await console.Main.Locator("img, script, iframe").CountAsync());
            Assert.Equal(0, await console.Page.Locator("a[href^='javascript' i]").CountAsync());
        }

        Assert.True(await console.Page.EvaluateAsync<bool>("window.attacked === undefined"));
        console.AssertNoComplaints(); // Such as a breach of the policy that was stopped.
    }

    [Fact]
    public async Task Without_a_key_the_page_is_a_shell_and_a_wrong_key_opens_nothing()
    {
        await using TestSystem locked = await LockedAsync();
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, locked.Client.BaseAddress!);

        await Expect(console.Heading).ToHaveTextAsync("Function key");
        await console.Page.GetByLabel("Key").FillAsync("guessed");
        await console.Button("Open").ClickAsync();

        await Expect(console.Main.GetByRole(AriaRole.Alert)).ToHaveTextAsync("That key is not one of this app.");
        Assert.DoesNotContain("account", await console.Main.TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_goes_as_a_header_to_this_app_alone_and_is_gone_after_a_reload()
    {
        await using TestSystem locked = await LockedAsync();
        Uri api = locked.Client.BaseAddress!;
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, api);
        await console.Page.GetByLabel("Key").FillAsync("right");
        await console.Button("Open").ClickAsync();
        await Expect(console.Heading).ToHaveTextAsync("Overview");

        Assert.All(console.Requests, r => Assert.StartsWith(api.AbsoluteUri, r.Url, StringComparison.Ordinal));
        Assert.All(console.Requests, r => Assert.DoesNotContain("right", r.Url, StringComparison.Ordinal));
        Assert.Contains(console.Requests, r => r.Headers.GetValueOrDefault("x-functions-key") == "right");
        Assert.All(console.Requests.Where(r => r.Url.Contains("/console", StringComparison.Ordinal)), r => Assert.False(r.Headers.ContainsKey("x-functions-key")));
        Assert.DoesNotContain("right", console.Page.Url, StringComparison.Ordinal);
        Assert.Equal("", await console.Page.EvaluateAsync<string>("document.cookie + Object.keys(sessionStorage) + Object.keys(localStorage)"));

        await console.Page.ReloadAsync();
        await Expect(console.Heading).ToHaveTextAsync("Function key");
    }

    [Fact]
    public async Task The_browser_refuses_to_make_markup_of_a_text_here()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api);

        string refused = await console.Page.EvaluateAsync<string>(
            """() => { try { document.createElement('div').innerHTML = '<b>x</b>'; return 'made'; } catch (error) { return error.name; } }""");

        Assert.Equal("TypeError", refused);
    }

    [Fact]
    public async Task A_fault_of_the_app_is_said_and_goes_by_itself()
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, "refused");
        await console.Page.RouteAsync("**/manage/refused**", route => route.AbortAsync());
        await console.Page.Keyboard.PressAsync("r");
        await Expect(console.Page.GetByText("Not up to date")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 20_000 });
        await Expect(console.Heading).ToHaveTextAsync("Refused");

        await console.Page.UnrouteAllAsync();

        await Expect(console.Page.GetByText("Not up to date")).ToBeHiddenAsync(new LocatorAssertionsToBeHiddenOptions { Timeout = 20_000 });
    }

    private static Task<TestSystem> LockedAsync() => TestSystem.StartAsync(new()
    {
        ["FunctionsHost:RequireKeys"] = "true",
        ["FunctionsHost:Keys:Host:eyes"] = "right",
        ["Roles:manage:read"] = "key:eyes",
    });
}
