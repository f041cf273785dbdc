using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

public sealed class AuthorizationTests
{
    [Fact]
    public void Every_function_needs_a_key_but_the_health_check_and_what_describes_the_API() =>
        Assert.All(FunctionTable.Http, f => Assert.Equal(
            f.Name is "GetHealth" or "GetHealthLive" or "GetHealthReady" or "GetErrorPage" or "GetApiDescription" or "GetApiPage" or "GetApiPageFile" or "GetConsole" or "GetConsoleFile" ? AuthorizationLevel.Anonymous
            : AuthorizationLevel.Function, f.Trigger.AuthLevel));

    [Fact]
    public void What_is_below_manage_takes_a_right_and_nothing_else_does() =>
        Assert.All(FunctionTable.Http, f => Assert.Equal(
            f.Trigger.Route!.StartsWith("manage", StringComparison.OrdinalIgnoreCase), f.Name.StartsWith(ManagementMiddleware.FunctionPrefix, StringComparison.Ordinal)));

    [Fact]
    public async Task Without_its_key_nothing_is_done_and_nothing_is_told()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            settings: new() { ["FunctionsHost:RequireKeys"] = "true", ["FunctionsHost:Keys:Host:app"] = "right" });
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
    public async Task Managing_takes_the_right_of_the_operation_and_no_other()
    {
        Dictionary<string, string?> settings = new() { ["FunctionsHost:RequireKeys"] = "true", ["FunctionsHost:Keys:Master"] = "master-key" };
        foreach (string name in (string[])["app", "read", "operate", "store"])
        {
            settings[$"FunctionsHost:Keys:Host:{name}"] = $"{name}-key";
            settings[name == "app" ? "Roles:account" : $"Roles:manage:{name}"] = $"key:{name}";
        }
        await using TestSystem system = await TestSystem.StartAsync(settings);
        // Every address, so that a new one can't be forgotten. No body is a valid order, so nothing comes of any.
        foreach ((string method, string path) in Management)
        {
            string[] opens = [];
            foreach (string key in (string[])["app", "read", "operate", "store", "master"])
            {
                Answer answer = await system.SendAsync(new HttpMethod(method), path, null, ("x-functions-key", $"{key}-key"));
                Assert.True(answer.Status is 200 or 404 or 400 or 415 or 403, $"{method} {path}: {answer.Status}");
                opens = answer.Status == 403 ? opens : [.. opens, key];
            }
            string right = path is "manage/export" or "manage/import" ? "store" : method == "GET" || path.Contains("/try/", StringComparison.Ordinal) ? "read" : "operate";
            Assert.True(opens.SequenceEqual([right]), $"{method} {path} is open to {string.Join(", ", opens)}");
            Assert.Equal(401, (await system.SendAsync(new HttpMethod(method), path, null)).Status);
        }
    }

    [Fact]
    public async Task Without_a_setting_management_is_closed_to_everybody()
    {
        await using TestSystem system = await TestSystem.StartAsync(settings: new()
        {
            ["FunctionsHost:RequireKeys"] = "true",
            ["FunctionsHost:Keys:Master"] = "master-key",
            ["Roles:manage:read"] = "key:nobody",
        });

        foreach ((string method, string path) in Management)
        {
            (await system.SendAsync(new HttpMethod(method), path, null, ("x-functions-key", "master-key"))).MustBeProblem(403, "forbidden");
        }
    }

    private static IEnumerable<(string Method, string Path)> Management =>
        FunctionTable.Http.Where(f => f.Trigger.Route!.StartsWith("manage", StringComparison.Ordinal))
            .SelectMany(f => f.Trigger.Methods!.Where(m => m != "head").Select(m => (m.ToUpperInvariant(), Fill(f.Trigger.Route!))));

    private static string Fill(string route) => route
        .Replace("{consumer}", "account-summary@1", StringComparison.Ordinal).Replace("{projection}", "account-summary", StringComparison.Ordinal)
        .Replace("{stream}", "account-7", StringComparison.Ordinal).Replace("{command}", "open", StringComparison.Ordinal)
        .Replace("{correlationId}", "7", StringComparison.Ordinal);
}
