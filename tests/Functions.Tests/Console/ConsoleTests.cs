using System.Text.RegularExpressions;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Console;

/// <summary>What is sent of the console; tests/Console.Tests has what a browser makes of it.</summary>
public sealed partial class ConsoleTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task The_page_loads_nothing_but_files_of_this_host_and_no_script_or_style_stands_in_it()
    {
        Answer page = await system.GetAsync("console");

        Assert.Equal((200, "text/html; charset=utf-8"), (page.Status, page.ContentType));
        Assert.DoesNotContain("//", page.Body, StringComparison.Ordinal);
        Assert.DoesNotMatch("<style|style=|<script>| on[a-z]+=", page.Body);
        string[] files = [.. Addresses.Matches(page.Body).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            Assert.Equal(200, (await system.GetAsync(file)).Status);
        }
    }

    [Fact]
    public async Task The_policy_lets_no_text_become_markup_and_nothing_go_elsewhere()
    {
        string policy = (await system.GetAsync("console")).Header("Content-Security-Policy")!;

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            policy);
    }

    [Fact]
    public async Task A_file_that_the_browser_has_is_not_sent_again()
    {
        string tag = (await system.GetAsync("console")).Header("ETag")!;

        Answer again = await system.GetAsync("console", ("If-None-Match", tag));

        Assert.Equal((304, ""), (again.Status, again.Body));
    }

    [Theory]
    [InlineData("nothing.js")]
    [InlineData("index.html")]
    [InlineData("..%2Findex.html")]
    public async Task There_is_no_other_file(string file) =>
        (await system.GetAsync($"console/assets/{file}")).MustBeProblem(404, "unknown-route");

    [Fact]
    public async Task No_script_of_the_console_makes_markup_or_keeps_anything()
    {
        foreach (string name in typeof(Serverless.Functions.Console.ConsoleFunctions).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("console/", StringComparison.Ordinal) && n.EndsWith(".js", StringComparison.Ordinal)))
        {
            string script = (await system.GetAsync($"console/assets/{name["console/".Length..]}")).Body;
            Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|eval\\(|new Function|sessionStorage|indexedDB|document\\.cookie", script);
            // What is kept over a reload is how the page looks, in one place.
            Assert.True(name == "console/theme.js" || !script.Contains("localStorage", StringComparison.Ordinal), name);
        }
    }

    [GeneratedRegex("(?:href|src)=\"([^\"#]+)\"")]
    private static partial Regex Addresses { get; }
}
