using Microsoft.Playwright;

namespace Serverless.Console.Tests.Support;

/// <summary>One browser for all tests; each page has a context of its own. Without a Chromium on this machine the tests are skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Names the program when it is in none of the usual places.</summary>
    private const string PathVariable = "CHROMIUM_PATH";

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } path)
        {
            return;
        }
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            // Nothing is asked of anybody outside, and containers have no sandbox of their own.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        Assert.SkipWhen(browser is null, $"There is no Chromium here: install one (apt-get install chromium), or name it in {PathVariable}.");
        return await browser.NewContextAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }
        playwright?.Dispose();
    }

    private static string? Find() =>
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path ? path : Places.FirstOrDefault(File.Exists);
}
