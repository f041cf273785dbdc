using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Serverless.Functions.Health;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

/// <summary>What tells a browser to do nothing with an answer stands on every one, those of the host included.</summary>
public sealed class SecurityHeaderTests
{
    private const string ContentPolicy = "Content-Security-Policy";

    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["X-Content-Type-Options"] = "nosniff",
        [ContentPolicy] = "default-src 'none'; frame-ancestors 'none'",
        ["Referrer-Policy"] = "no-referrer",
    };

    [Fact]
    public async Task Answers_of_the_functions_have_them_whatever_they_say()
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();
        string etag = (await system.GetAsync($"account/{id}")).Header("ETag")!;
        HashSet<int> statuses = [];

        await CheckAsync(HttpMethod.Get, $"account/{id}");
        await CheckAsync(HttpMethod.Get, $"account/{id}", ("If-None-Match", etag));
        await CheckAsync(HttpMethod.Get, $"account/{id}/events");
        await CheckAsync(HttpMethod.Get, "views");
        await CheckAsync(HttpMethod.Get, "openapi.json");
        await CheckAsync(HttpMethod.Get, "docs/errors/busy");
        await CheckAsync(HttpMethod.Get, "manage/export");
        await CheckAsync(HttpMethod.Get, "nothing");
        await CheckAsync(HttpMethod.Delete, $"account/{id}");
        await CheckAsync(HttpMethod.Options, $"account/{id}");
        await CheckAsync(HttpMethod.Get, "account/a%20b");
        system.Storage.Answer = _ => Task.FromResult<IReadOnlyList<StorageFault>>([new("leases", "missing")]);
        await CheckAsync(HttpMethod.Get, "health");
        system.Events.Before = (_, _) => throw new InvalidOperationException("A fault of the program.");
        await CheckAsync(HttpMethod.Post, "account/new/close");
        Assert.Superset(new HashSet<int> { 200, 204, 304, 400, 404, 405, 500, 503 }, statuses);

        async Task CheckAsync(HttpMethod method, string path, params (string, string)[] headers)
        {
            Answer answer = await system.SendAsync(method, path, null, headers);
            statuses.Add(answer.Status);
            Assert.All(Expected, e => Assert.True(answer.Header(e.Key) == e.Value, $"{method} {path}: {e.Key}: {answer.Header(e.Key)}"));
        }
    }

    [Theory]
    [InlineData("account/{0}", true)]
    [InlineData("account/{0}/events", false)]
    [InlineData("views", false)]
    [InlineData("views/account-summary", false)]
    [InlineData("views/account-summary/{0}", true)]
    [InlineData("manage/streams/account-{0}/commits", false)]
    [InlineData("manage/commits", false)]
    [InlineData("manage/actions", false)]
    [InlineData("manage/inbox?status=pending", false)]
    [InlineData("manage/export", false)]
    public async Task Answers_with_data_stay_in_no_cache_that_others_read(string path, bool mayAskAgain)
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();
        await system.ProjectAsync(id);

        Answer answer = await system.GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id));

        Assert.Equal((200, mayAskAgain ? "no-cache, private" : "no-store"), (answer.Status, answer.Header("Cache-Control")));
    }

    [Fact]
    public async Task Files_of_the_page_may_load_each_other_and_have_the_rest()
    {
        await using TestSystem system = await TestSystem.StartAsync();
        foreach (string path in new[] { "docs", "docs/assets/page.js" })
        {
            Answer answer = await system.GetAsync(path);
            Assert.All(Expected.Where(e => e.Key != ContentPolicy), e => Assert.Equal(e.Value, answer.Header(e.Key)));
            Assert.StartsWith("default-src 'none'; script-src 'self';", answer.Header(ContentPolicy), StringComparison.Ordinal);
        }
    }

    /// <summary>A 401, and whatever else the host says without a function; and that a browser never speaks to it without TLS again.</summary>
    [Fact]
    public void The_host_is_told_to_add_the_same()
    {
        JsonNode http = JsonNode.Parse(File.ReadAllText(HostJson()))!["extensions"]!["http"]!;

        Assert.Equal(Expected, http["customHeaders"]!.AsObject().ToDictionary(h => h.Key, h => (string)h.Value!));
        Assert.True((bool)http["hsts"]!["isEnabled"]!);
        Assert.True(TimeSpan.Parse((string)http["hsts"]!["maxAge"]!, System.Globalization.CultureInfo.InvariantCulture) >= TimeSpan.FromDays(365));
    }

    private static string HostJson([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "host.json");
}
