using System.Text;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

/// <summary>Management for people whom App Service has signed in, with no key.</summary>
public sealed class SignInTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["FunctionsHost:RequireKeys"] = "true",
        ["FunctionsHost:Keys:Host:tool"] = "tool-key",
        ["WEBSITE_SITE_NAME"] = "bank",
        ["WEBSITE_AUTH_ENABLED"] = "true",
        ["ManagementSignIn"] = "true",
        ["Roles:manage:read"] = "operator,key:tool",
        ["Roles:manage:operate"] = "operator,key:tool",
    };

    private static readonly (string, string)[] Ada =
    [
        ("X-MS-CLIENT-PRINCIPAL-IDP", "aad"), ("X-MS-CLIENT-PRINCIPAL-ID", "1"), ("X-MS-CLIENT-PRINCIPAL-NAME", "ada"),
        ("X-MS-CLIENT-PRINCIPAL", Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"role_typ":"roles","claims":[{"typ":"roles","val":"operator"}]}"""))),
    ];

    [Fact]
    public async Task Whoever_is_signed_in_needs_no_key_and_others_need_theirs()
    {
        await using TestSystem system = await TestSystem.StartAsync(Settings);

        Assert.Equal(200, (await system.GetAsync("manage/consumers", Ada)).Status);
        Assert.Equal(200, (await system.GetAsync("manage/consumers", ("x-functions-key", "tool-key"))).Status);
        (await system.GetAsync("manage/consumers")).MustBeProblem(403, "forbidden");
        (await system.GetAsync("manage/consumers", ("x-functions-key", "wrong"))).MustBeProblem(403, "forbidden");
        Assert.Equal(401, (await system.GetAsync("views", Ada)).Status); // Nothing else is open.
    }

    [Theory]
    [InlineData(null, "console", "application/json", 403)]
    [InlineData("own", null, "application/json", 403)]
    [InlineData("own", "console", "text/plain", 403)]
    [InlineData("own", "console", "application/json", 200)]
    public async Task A_change_by_a_person_comes_from_a_page_of_the_app(string? origin, string? header, string contentType, int status)
    {
        await using TestSystem system = await TestSystem.StartAsync(Settings);
        List<(string, string)> headers = [.. Ada];
        if (origin is not null)
        {
            headers.Add(("Origin", origin == "own" ? system.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin));
        }
        if (header is not null)
        {
            headers.Add(("x-requested-with", header));
        }

        Answer answer = await system.SendAsync(
            HttpMethod.Post, "manage/consumers/account-summary@1/retry", TestSystem.Json("{}", contentType), [.. headers]);

        Assert.Equal(status, answer.Status);
        // A key is in no cookie: who has it sends it on purpose.
        Assert.Equal(200, (await system.PostAsync("manage/consumers/account-summary@1/retry", "{}", ("x-functions-key", "tool-key"))).Status);
    }

    [Fact]
    public async Task Without_authentication_by_the_platform_it_stops_the_start()
    {
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestSystem.StartAsync(new(Settings) { ["WEBSITE_AUTH_ENABLED"] = null }));

        Assert.StartsWith("The setting ManagementSignIn opens management", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_setting_a_principal_is_no_key()
    {
        await using TestSystem system = await TestSystem.StartAsync(new(Settings) { ["ManagementSignIn"] = null });

        Assert.Equal(401, (await system.GetAsync("manage/consumers", Ada)).Status);
    }
}
