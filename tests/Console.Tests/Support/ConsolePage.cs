using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Serverless.Console.Tests.Support;

/// <summary>The console in a window of its own. Whatever it complains about, and every request that it sends, is kept.</summary>
internal sealed class ConsolePage : IAsyncDisposable
{
    private readonly IBrowserContext context;

    private ConsolePage(IBrowserContext context, IPage page, Uri api)
    {
        this.context = context;
        Page = page;
        Api = api;
        page.Console += (_, message) =>
        {
            // A browser also notes that something was not found, which is an answer here.
            if (message.Type is "error" or "warning" && !message.Text.Contains("status of 404", StringComparison.Ordinal))
            {
                Complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => Complaints.Add(error);
        page.Request += (_, request) => Requests.Add(request);
    }

    public IPage Page { get; }

    public Uri Api { get; }

    public ConcurrentBag<string> Complaints { get; } = [];

    public ConcurrentBag<IRequest> Requests { get; } = [];

    public ILocator Heading => Page.Locator("h1");

    public ILocator Main => Page.Locator("main");

    public static async Task<ConsolePage> OpenAsync(Chromium chromium, Uri api, string place = "")
    {
        IBrowserContext context = await chromium.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1280, Height = 860 },
            Locale = "en-GB",
            TimezoneId = "Europe/Berlin",
        });
        context.SetDefaultTimeout(30_000);
        ConsolePage console = new(context, await context.NewPageAsync(), api);
        await console.GoAsync(place);
        return console;
    }

    /// <summary>The page that is there in another theme, and as wide as a phone or a screen.</summary>
    public async Task ShowAsync(bool isDark, bool isPhone)
    {
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });
        await Page.SetViewportSizeAsync(isPhone ? 390 : 1280, isPhone ? 844 : 860);
    }

    public async Task GoAsync(string place)
    {
        await Page.GotoAsync(new Uri(Api, "console").AbsoluteUri + (place.Length == 0 ? "" : $"#/{place}"));
        await SettleAsync();
    }

    /// <summary>A screen is there when its heading is and nothing is being loaded.</summary>
    public async Task SettleAsync()
    {
        await Heading.First.WaitForAsync();
        await Assertions.Expect(Main.Locator(".loading")).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = 30_000 });
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name });

    public void AssertNoComplaints() => Assert.Empty(Complaints);

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
