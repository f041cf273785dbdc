using System.Text;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

public sealed class RoleTests
{
    private const string Open = """{"owner":"ada","currency":"EUR"}""";

    private static readonly Dictionary<string, string?> AppService = new() { ["WEBSITE_SITE_NAME"] = "bank", ["WEBSITE_AUTH_ENABLED"] = "true" };

    [Fact]
    public async Task A_rule_for_a_command_holds_for_it_alone_and_one_for_a_category_for_the_rest()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new(AppService) { ["Roles:account"] = "teller, auditor", ["Roles:account:freeze"] = "supervisor" });

        Assert.Equal(201, (await system.PostAsync("account/7/open", Open, As("teller"))).Status);
        (await system.PostAsync("account/7/freeze", """{"reason":"x"}""", As("teller"))).MustBeProblem(403, "forbidden");
        Assert.Equal(200, (await system.PostAsync("account/7/freeze", """{"reason":"x"}""", As("supervisor"))).Status);
        (await system.PostAsync("account/8/open", Open, As("supervisor"))).MustBeProblem(403, "forbidden");
        (await system.PostAsync("account/8/open", Open)).MustBeProblem(403, "forbidden");
        (await system.PostAsync("account/8/open", Open, [As("guest"), ("Prefer", "respond-async")])).MustBeProblem(403, "forbidden");
        foreach (string path in new[] { "account/7", "account/7/events", "account/7/commands/c-1" })
        {
            (await system.GetAsync(path, As("supervisor"))).MustBeProblem(403, "forbidden");
            Assert.True((await system.GetAsync(path, As("auditor"))).Status is 200 or 404, path);
        }
        Assert.Equal(404, (await system.GetAsync("transfer/1")).Status); // No rule names it.
    }

    [Fact]
    public async Task Who_may_send_a_command_for_later_may_see_what_came_of_it()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new(AppService) { ["Roles:account"] = "teller", ["Roles:account:freeze"] = "supervisor" });
        await system.PostAsync("account/7/open", Open, As("teller"));
        Answer freeze = await system.PostAsync("account/7/freeze", """{"reason":"x"}""", [As("supervisor"), ("Prefer", "respond-async")]);
        Answer close = await system.PostAsync("account/7/close", "{}", [As("teller"), ("Prefer", "respond-async")]);

        Assert.Equal(200, (await system.GetAsync(freeze.Header("Location")!, As("supervisor"))).Status);
        Assert.Equal(200, (await system.GetAsync(freeze.Header("Location")!, As("teller"))).Status);
        (await system.GetAsync(freeze.Header("Location")!, As("guest"))).MustBeProblem(403, "forbidden");
        (await system.GetAsync(close.Header("Location")!, As("supervisor"))).MustBeProblem(403, "forbidden");
    }

    [Fact]
    public async Task The_name_of_a_key_can_be_a_role()
    {
        await using TestSystem system = await TestSystem.StartAsync(new()
        {
            ["FunctionsHost:RequireKeys"] = "true",
            ["FunctionsHost:Keys:Host:app"] = "k-1",
            ["FunctionsHost:Keys:Host:kiosk"] = "k-2",
            ["Roles:account"] = "key:app",
        });

        Assert.Equal(201, (await system.PostAsync("account/7/open", Open, ("x-functions-key", "k-1"))).Status);
        (await system.PostAsync("account/8/open", Open, ("x-functions-key", "k-2"))).MustBeProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_role_that_is_called_like_a_key_is_none()
    {
        await using TestSystem system = await TestSystem.StartAsync(new(AppService) { ["Roles:account"] = "key:app" });

        (await system.PostAsync("account/7/open", Open, As("key:app"))).MustBeProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_command_with_a_hyphen_has_an_underscore_in_its_setting()
    {
        // The name of an app setting has letters, digits, periods and underscores.
        await using TestSystem system = await TestSystem.StartAsync(new(AppService) { ["Roles:account:change_overdraft_limit"] = "supervisor" });
        string id = await system.OpenAccountAsync();
        const string Limit = """{"limit":{"minorUnits":100,"currency":"EUR"}}""";

        (await system.PostAsync($"account/{id}/change-overdraft-limit", Limit, As("teller"))).MustBeProblem(403, "forbidden");
        Assert.Equal(200, (await system.PostAsync($"account/{id}/change-overdraft-limit", Limit, As("supervisor"))).Status);
        Assert.Equal(200, (await system.DepositAsync(id, 5, As("teller"))).Status);
    }

    [Fact]
    public async Task Roles_that_a_client_claims_for_itself_are_not_believed()
    {
        await using TestSystem system = await TestSystem.StartAsync(new() { ["Roles:account"] = "teller" });

        (await system.PostAsync("account/7/open", Open, As("teller"))).MustBeProblem(403, "forbidden");
    }

    [Theory]
    [InlineData("not base64")]
    [InlineData("bm90IGpzb24=")]
    [InlineData("bnVsbA==")]
    [InlineData("eyJjbGFpbXMiOm51bGx9")]
    [InlineData("eyJjbGFpbXMiOlt7InZhbCI6InRlbGxlciJ9XX0=")]
    public async Task A_principal_that_can_not_be_read_has_no_roles(string principal)
    {
        await using TestSystem system = await TestSystem.StartAsync(new(AppService) { ["Roles:account"] = "teller" });

        (await system.PostAsync("account/7/open", Open, ("X-MS-CLIENT-PRINCIPAL", principal))).MustBeProblem(403, "forbidden");
    }

    [Theory]
    [InlineData("Roles:acount", "teller", "names no category")]
    [InlineData("Roles:account:freze", "teller", "names no command")]
    [InlineData("Roles:account:change_overdraft", "teller", "names no command")]
    [InlineData("Roles:account:freeze", " , ", "names no role")]
    [InlineData("Roles:views:acount_summary", "teller", "names no view")]
    [InlineData("Roles:manage:write", "teller", "names no right")]
    [InlineData("Roles:manage", "teller", "names no right: set Roles__manage__operate, Roles__manage__read, Roles__manage__store")]
    public async Task A_rule_that_protects_nothing_stops_the_start(string setting, string value, string reason)
    {
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(() => TestSystem.StartAsync(new() { [setting] = value }));

        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_for_a_view_holds_for_it_alone_and_one_for_all_views_for_the_rest()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new(AppService) { ["Roles:views"] = "teller", ["Roles:views:bank_totals"] = "controller" });

        foreach (string path in new[] { "views/account-summary", "views/account-summary/7", "views/account-statement/7/entries", "views/nothing" })
        {
            (await system.GetAsync(path, As("controller"))).MustBeProblem(403, "forbidden");
            (await system.GetAsync(path)).MustBeProblem(403, "forbidden");
            Assert.True((await system.GetAsync(path, As("teller"))).Status is 200 or 404, path);
        }
        (await system.GetAsync("views/bank-totals/all", As("teller"))).MustBeProblem(403, "forbidden");
        Assert.Equal(404, (await system.GetAsync("views/bank-totals/all", As("controller"))).Status);
        Assert.Equal(["bank-totals"], (await system.GetAsync("views", As("controller"))).Json["views"]!.AsArray().Select(v => (string)v!["name"]!));
    }

    [Fact]
    public async Task A_view_and_a_process_that_a_rule_does_not_cover_are_named_at_the_start()
    {
        await using TestSystem guarded = await TestSystem.StartAsync(new(AppService) { ["Roles:account"] = "teller", ["Roles:views:account_summary"] = "teller" });
        await using TestSystem open = await TestSystem.StartAsync();

        string[] warnings = [.. guarded.Logs.Entries.Select(e => e.Message).Where(m => m.StartsWith("Role rules", StringComparison.Ordinal) || m.StartsWith("The process", StringComparison.Ordinal))];
        Assert.Contains(warnings, w => w.Contains("Set Roles__views__account_statement.", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("'transfer-process' sends commands without a role check", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, w => w.Contains("account_summary.", StringComparison.Ordinal));
        Assert.DoesNotContain(open.Logs.Entries.Select(e => e.Message), m => m.Contains("Roles__views", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_that_is_called_anonymous_opens_nothing()
    {
        await using TestSystem system = await TestSystem.StartAsync(new(AppService) { ["Roles:account"] = "anonymous" });

        (await system.PostAsync("account/7/open", Open, As("anonymous"), ("X-MS-CLIENT-PRINCIPAL-IDP", "aad"), ("X-MS-CLIENT-PRINCIPAL-ID", "1"))).MustBeProblem(403, "forbidden");
    }

    private static (string Name, string Value) As(string role) => (
        "X-MS-CLIENT-PRINCIPAL",
        Convert.ToBase64String(Encoding.UTF8.GetBytes(
            $$"""{"auth_typ":"aad","name_typ":"name","role_typ":"roles","claims":[{"typ":"name","val":"ada"},{"typ":"roles","val":"{{role}}"}]}""")));
}
