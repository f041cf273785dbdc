using System.IO.Compression;
using System.Text.RegularExpressions;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.ApiDescription;

public sealed partial class ApiPageTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task The_page_loads_nothing_but_files_of_this_host_and_no_script_stands_in_it()
    {
        Answer page = await system.GetAsync("docs");

        Assert.Equal((200, "text/html; charset=utf-8"), (page.Status, page.ContentType));
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            page.Header("Content-Security-Policy"));
        Assert.DoesNotContain("//", page.Body, StringComparison.Ordinal);
        Assert.DoesNotMatch("<style|style=|<script>| on[a-z]+=", page.Body);
        string[] files = [.. Addresses.Matches(page.Body).Select(m => m.Groups[1].Value)];
        Assert.Equal(6, files.Length);
        foreach (string file in files)
        {
            Assert.Equal(200, (await system.GetAsync(file)).Status);
        }
    }

    [Theory]
    [InlineData("swagger-ui-bundle.js", "text/javascript; charset=utf-8", "SwaggerUIBundle")]
    [InlineData("swagger-ui.css", "text/css; charset=utf-8", ".swagger-ui")]
    [InlineData("LICENSE", "text/plain; charset=utf-8", "Apache License")]
    public async Task Files_of_Swagger_UI_are_sent_packed(string file, string contentType, string part)
    {
        using HttpResponseMessage response = await system.Client.GetAsync($"docs/assets/{file}", TestContext.Current.CancellationToken);

        Assert.Equal((contentType, "gzip"), (response.Content.Headers.ContentType?.ToString(), string.Join(",", response.Content.Headers.ContentEncoding)));
        await using GZipStream unpacked = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        using StreamReader reader = new(unpacked);
        Assert.Contains(part, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_slash_at_the_end_the_address_is_another_one()
    {
        using HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

        using HttpResponseMessage response = await client.GetAsync(new Uri(system.Client.BaseAddress!, "docs/"), TestContext.Current.CancellationToken);

        Assert.Equal((308, "../docs"), ((int)response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("docs/assets/nothing.js")]
    [InlineData("docs/assets/..%2F..%2Fhost.json")]
    [InlineData("docs/assets/index.html")]
    public async Task A_file_that_is_not_of_the_page_is_a_problem(string path) => (await system.GetAsync(path)).MustBeProblem(404, "unknown-route");

    [GeneratedRegex("(?:href|src)=\"([^\"]+)\"")]
    private static partial Regex Addresses { get; }
}
