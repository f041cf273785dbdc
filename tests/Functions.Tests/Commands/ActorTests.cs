using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

public sealed class ActorTests
{
    private const string Ada = "user:aad:7c9e6679-7425-40de-944b-e07fc1f90ae7";

    private static readonly (string, string)[] AdaSignedIn = SignedIn("aad", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "ada@example.com");

    private static readonly Dictionary<string, string?> AppService = new() { ["WEBSITE_SITE_NAME"] = "bank", ["WEBSITE_AUTH_ENABLED"] = "True" };

    [Fact]
    public async Task A_principal_header_is_not_believed_outside_of_App_Service()
    {
        await using TestSystem system = await TestSystem.StartAsync();

        Assert.Equal("anonymous", (await ActorOfAsync(system, AdaSignedIn)).Actor);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("False")]
    public async Task A_principal_header_is_not_believed_where_App_Service_does_not_authenticate(string? authEnabled)
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new() { ["WEBSITE_SITE_NAME"] = "bank", ["WEBSITE_AUTH_ENABLED"] = authEnabled });

        Assert.Equal("anonymous", (await ActorOfAsync(system, AdaSignedIn)).Actor);
    }

    [Fact]
    public async Task The_id_of_the_principal_that_App_Service_authenticated_is_the_actor_and_its_name_stands_beside_it()
    {
        await using TestSystem system = await TestSystem.StartAsync(AppService);

        CommitMetadata signed = await ActorOfAsync(system, AdaSignedIn);
        CommitMetadata anonymous = await ActorOfAsync(system);

        Assert.Equal((Ada, "ada@example.com"), (signed.Actor, signed.ActorName));
        Assert.Equal(("anonymous", null), (anonymous.Actor, anonymous.ActorName));
    }

    [Theory]
    [InlineData("key:master")]
    [InlineData("system")]
    [InlineData("user:aad:1")]
    public async Task A_name_that_somebody_chose_makes_nobody_else_of_them(string name)
    {
        await using TestSystem system = await TestSystem.StartAsync(AppService);

        Assert.Equal("user:github:42", (await ActorOfAsync(system, SignedIn("github", "42", name))).Actor);
        Assert.Equal("anonymous", (await ActorOfAsync(system, ("x-ms-client-principal-name", name))).Actor);
    }

    [Fact]
    public async Task A_long_name_is_cut_off_and_a_long_id_which_could_become_that_of_somebody_else_is_refused()
    {
        await using TestSystem system = await TestSystem.StartAsync(AppService);

        Assert.Equal(HttpLimits.MaxActorLength, (await ActorOfAsync(system, SignedIn("aad", "1", new string('a', 300)))).ActorName!.Length);
        (await OpenAsync(system, "long", SignedIn("aad", new string('1', 300), "ada"))).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task The_name_is_shown_with_commits_events_explanations_refusals_inbox_and_actions()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new(AppService) { ["Roles:manage:read"] = "anonymous,operator", ["Roles:manage:operate"] = "anonymous,operator" });
        await OpenAsync(system, "1", AdaSignedIn);
        (await OpenAsync(system, "1", AdaSignedIn)).MustBeProblem(422, "account-already-open");
        await OpenAsync(system, "2", [("Prefer", "respond-async"), .. AdaSignedIn]);
        OperatorActions actions = new(system.Actions, system.Time);
        await system.Actions.WriteAsync(actions.New("retry", "bank-totals@1", Ada, "ada@example.com"), TestContext.Current.CancellationToken);

        foreach ((string path, string list) in new[]
        {
            ("account/1/events", "events"), ("manage/streams/account-1/commits", "commits"), ("manage/streams/account-1/explain", "events"),
            ("manage/streams/account-1/refused", "refused"), ("manage/commits?actor=ada@example.com", "commits"), ($"manage/commits?actor={Ada}", "commits"),
            ("manage/refused", "refused"), ("manage/inbox?status=pending", "commands"), ("manage/actions", "items"),
        })
        {
            JsonNode item = Assert.Single((await system.GetAsync(path)).Json[list]!.AsArray())!;
            Assert.Equal((path, Ada, "ada@example.com"), (path, (string?)item["actor"], (string?)item["actorName"]));
        }
    }

    [Fact]
    public async Task The_name_of_the_key_is_the_actor_where_there_is_no_principal()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new() { ["FunctionsHost:RequireKeys"] = "true", ["FunctionsHost:Keys:Host:mobile-app"] = "k-1" });

        Assert.Equal("key:mobile-app", (await ActorOfAsync(system, ("x-functions-key", "k-1"))).Actor);
    }

    [Fact]
    public void A_claim_that_an_identity_provider_issued_is_not_the_name_of_a_key()
    {
        const string Type = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";
        ClaimsIdentity principal = new([new Claim(Type, "master")], "aad");
        ClaimsIdentity key = new([new Claim(Type, "mobile-app")], "WebJobsAuthLevel");
        Caller caller = new(new ConfigurationBuilder().Build());

        Assert.Equal("anonymous", caller.Of(new BareRequest(principal)).Id);
        Assert.Equal(["anonymous"], caller.RolesOf(new BareRequest(principal)));
        Assert.Equal("key:mobile-app", caller.Of(new BareRequest(principal, key)).Id);
        Assert.Equal(["key:mobile-app"], caller.RolesOf(new BareRequest(principal, key)));
    }

    private static (string, string)[] SignedIn(string provider, string id, string name) =>
        [("x-ms-client-principal-idp", provider), ("x-ms-client-principal-id", id), ("x-ms-client-principal-name", name)];

    private static Task<Answer> OpenAsync(TestSystem system, string id, (string Name, string Value)[] headers) =>
        system.PostAsync($"account/{id}/open", """{"owner":"ada","currency":"EUR"}""", headers);

    private static async Task<CommitMetadata> ActorOfAsync(TestSystem system, params (string Name, string Value)[] headers)
    {
        string id = Guid.NewGuid().ToString("N");
        Assert.Equal(201, (await OpenAsync(system, id, headers)).Status);
        StreamLoad load = await system.Events.LoadAsync(StreamName.Create("account", id), null, TestContext.Current.CancellationToken);
        return load.Commits[0].Metadata;
    }
}
