using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

public sealed class AuthorizationTests
{
    [Fact]
    public void Every_function_needs_a_key_but_the_health_check_and_what_describes_the_API() =>
        Assert.All(FunctionTable.Http, f => Assert.Equal(
            f.Name is "GetHealth" or "GetErrorPage" or "GetApiDescription" or "GetApiPage" or "GetApiPageFile" ? AuthorizationLevel.Anonymous
            : f.Name.StartsWith("Manage", StringComparison.Ordinal) ? AuthorizationLevel.Admin
            : AuthorizationLevel.Function, f.Trigger.AuthLevel));

    [Fact]
    public void What_is_below_manage_is_for_operators_and_nothing_else_is() =>
        Assert.All(FunctionTable.Http, f => Assert.Equal(
            f.Trigger.Route!.StartsWith("manage", StringComparison.OrdinalIgnoreCase), f.Trigger.AuthLevel == AuthorizationLevel.Admin));

    [Fact]
    public async Task Without_its_key_nothing_is_done_and_nothing_is_told()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            settings: new() { ["LocalWorker:RequireKeys"] = "true", ["LocalWorker:Keys:Host:app"] = "right" });
        foreach ((string method, string path) in ((string, string)[])[
            ("POST", "account/1/open"), ("GET", "account/1"), ("GET", "account/1/events"), ("GET", "views"), ("GET", "views/account-summary"),
            ("GET", "views/account-summary/1"), ("GET", "views/account-statement/1/entries"), ("GET", "nothing"), ("DELETE", "account/1")])
        {
            Answer without = await system.SendAsync(new HttpMethod(method), path, null);
            Answer wrong = await system.SendAsync(new HttpMethod(method), path, null, ("x-functions-key", "wrong"));
            Assert.Equal((401, "", 401, ""), (without.Status, without.Body, wrong.Status, wrong.Body));
        }

        Assert.All(
            await Task.WhenAll(((string[])["health", "openapi.json", "docs", "docs/assets/swagger-ui.css", "docs/errors/busy"]).Select(p => system.GetAsync(p))),
            a => Assert.Equal(200, a.Status));
        Assert.Equal(200, (await system.GetAsync("views", ("x-functions-key", "right"))).Status);
        Assert.Equal(200, (await system.GetAsync("views?code=right")).Status);
    }

    [Fact]
    public async Task Managing_takes_the_master_key_and_no_other()
    {
        await using TestSystem system = await TestSystem.StartAsync(settings: new()
        {
            ["LocalWorker:RequireKeys"] = "true",
            ["LocalWorker:Keys:Host:app"] = "app",
            ["LocalWorker:Keys:Master"] = "master",
        });
        // Every address, so that a new one can't be forgotten. No body is a valid order, so nothing comes of any.
        foreach ((string method, string path) in FunctionTable.Http.Where(f => f.Trigger.AuthLevel == AuthorizationLevel.Admin)
            .SelectMany(f => f.Trigger.Methods!.Where(m => m != "head").Select(m => (m.ToUpperInvariant(), Fill(f.Trigger.Route!)))))
        {
            Answer without = await system.SendAsync(new HttpMethod(method), path, null);
            Answer app = await system.SendAsync(new HttpMethod(method), path, null, ("x-functions-key", "app"));
            Answer master = await system.SendAsync(new HttpMethod(method), path, null, ("x-functions-key", "master"));
            Assert.Equal((401, "", 401, ""), (without.Status, without.Body, app.Status, app.Body));
            Assert.True(master.Status is 200 or 404 or 400 or 415, $"{method} {path}: {master.Status}");
        }
    }

    private static string Fill(string route) => route
        .Replace("{consumer}", "account-summary@1", StringComparison.Ordinal).Replace("{projection}", "account-summary", StringComparison.Ordinal)
        .Replace("{stream}", "account-7", StringComparison.Ordinal).Replace("{command}", "open", StringComparison.Ordinal)
        .Replace("{correlationId}", "7", StringComparison.Ordinal);
}
