using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Http;

public sealed class FunctionKeyTests
{
    [Theory]
    [InlineData("open", null, 200)]
    [InlineData("keyed", null, 401)]
    [InlineData("keyed", "wrong", 401)]
    [InlineData("keyed", "", 401)]
    [InlineData("keyed", "own-key", 200)]
    [InlineData("other", "own-key", 401)] // A function's key opens that function only.
    [InlineData("keyed", "host-key", 200)]
    [InlineData("other", "host-key", 200)]
    [InlineData("keyed", "system-key", 401)] // Levels are not a ladder: only the master key opens all.
    [InlineData("sys", "system-key", 200)]
    [InlineData("sys", "host-key", 401)]
    [InlineData("root", "host-key", 401)]
    [InlineData("root", "master-key", 200)]
    [InlineData("sys", "master-key", 200)]
    [InlineData("keyed", "master-key", 200)]
    [InlineData("unsaid", null, 401)] // Without a level in the constructor the host's default holds, which is Function.
    [InlineData("unsaid", "host-key", 200)]
    public async Task Levels_are_enforced_when_switched_on(string function, string? key, int status)
    {
        await using TestApp app = await TestApp.StartAsync(builder =>
        {
            builder.Configuration["FunctionsHost:RequireKeys"] = "true";
            builder.Configuration["FunctionsHost:Keys:Master"] = "master-key";
            builder.Configuration["FunctionsHost:Keys:Host:default"] = "host-key";
            builder.Configuration["FunctionsHost:Keys:System:sys1"] = "system-key";
            builder.Configuration["FunctionsHost:Keys:Functions:keyed:mine"] = "own-key";
        }, classes: typeof(KeyedSamples));
        using HttpResponseMessage byQuery = await app.Client.GetAsync(key is null ? $"/api/{function}" : $"/api/{function}?code={key}", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/{function}");
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }

        using HttpResponseMessage byHeader = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((status, status), ((int)byQuery.StatusCode, (int)byHeader.StatusCode));
        Assert.Empty(await byHeader.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("keyed")]
    [InlineData("root")]
    public async Task Nothing_is_enforced_by_default(string function)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(KeyedSamples));
        using HttpResponseMessage response = await app.Client.GetAsync($"/api/{function}", TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("true", null, "")]
    [InlineData("true", "host-key", "Function;default")]
    [InlineData("false", null, "Admin")]
    public async Task The_identity_tells_level_and_name_of_the_key(string requireKeys, string? key, string claims)
    {
        await using TestApp app = await TestApp.StartAsync(builder =>
        {
            builder.Configuration["FunctionsHost:RequireKeys"] = requireKeys;
            builder.Configuration["FunctionsHost:Keys:Host:default"] = "host-key";
        }, classes: typeof(KeyedSamples));
        Assert.Equal(claims, await app.Client.GetStringAsync($"/api/who?code={key}", TestContext.Current.CancellationToken));
    }
}
