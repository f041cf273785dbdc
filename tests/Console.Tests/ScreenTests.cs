using Deque.AxeCore.Commons;
using Serverless.Console.Tests.Support;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(Bank))]

namespace Serverless.Console.Tests;

/// <summary>Every screen in both themes and on a phone: it is drawn, complains of nothing, fits, and everybody can use it.</summary>
public sealed class ScreenTests(Chromium chromium, Bank bank)
{
    /// <summary>Where the pictures for the documentation go, if somebody wants them.</summary>
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("CONSOLE_SCREENSHOTS");

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    public static TheoryData<string, string> Screens => new()
    {
        { "overview", "Overview" },
        { "parked", "Parked" },
        { "refused", "Refused" },
        { "inbox", "Inbox" },
        { "streams", "Streams" },
        { "find?q=rent-2026-11", "Find" },
        { "stream/account-alice-main?version=5", "account-alice-main" },
        { "conversation/rent-2026-11", "Conversation" },
        { "live", "Live tail" },
        { "views", "Views" },
        { "views/account-summary", "account-summary version 1" },
        { "views/account-summary/alice-main", "alice-main in account-summary" },
        { "projections", "Projections" },
        { "what-if", "What-if" },
        { "send", "Send a command" },
        { "actions", "Actions" },
        { "model", "Model" },
        { "store", "Store" },
    };

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task A_screen_is_drawn_in_both_themes_and_on_a_phone_and_everybody_can_use_it(string place, string heading)
    {
        await using ConsolePage console = await ConsolePage.OpenAsync(chromium, bank.Api, place);
        foreach ((bool isDark, bool isPhone) in ((bool, bool)[])[(false, false), (true, false), (true, true)])
        {
            await console.ShowAsync(isDark, isPhone);

            Assert.Equal(heading, await console.Heading.First.TextContentAsync());
            Assert.Equal(0, await console.Main.Locator(".failure").CountAsync());
            Assert.True(await console.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "It is wider than the window.");
            console.AssertNoComplaints();
            await TakeAsync(console, place, isDark, isPhone);
            if (isDark == isPhone)
            {
                await AssertEverybodyCanUseItAsync(console); // Once in each theme and once at each width.
            }
        }
    }

    /// <summary>Runs the checker in the page itself; its adapter for Playwright opens a second page, and was seen to hang there.</summary>
    private static async Task AssertEverybodyCanUseItAsync(ConsolePage console)
    {
        await console.Page.EvaluateAsync(Axe);
        string[] violations = await console.Page.EvaluateAsync<string[]>(
            "async () => (await axe.run()).violations.flatMap(v => v.nodes.slice(0, 4).map(n => `${v.id}: ${n.html} ${n.any[0]?.message ?? ''}`))");
        Assert.Empty(violations);
    }

    private static async Task TakeAsync(ConsolePage console, string place, bool isDark, bool isPhone)
    {
        if (Pictures is not null)
        {
            string name = $"{place.Split('?')[0].Replace('/', '-')}{(isPhone ? "-phone" : isDark ? "-dark" : "")}.png";
            await console.Page.ScreenshotAsync(new Microsoft.Playwright.PageScreenshotOptions { Path = Path.Combine(Pictures, name) });
        }
    }
}
