using System.Security.Claims;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

public sealed class ActorTests
{
    private const string Principal = "x-ms-client-principal-name";

    [Fact]
    public async Task A_principal_header_is_not_believed_outside_of_App_Service()
    {
        await using TestSystem system = await TestSystem.StartAsync();

        Assert.Equal("anonymous", await ActorOfAsync(system, (Principal, "mallory@example.com")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("False")]
    public async Task A_principal_header_is_not_believed_where_App_Service_does_not_authenticate(string? authEnabled)
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new() { ["WEBSITE_SITE_NAME"] = "bank", ["WEBSITE_AUTH_ENABLED"] = authEnabled });

        Assert.Equal("anonymous", await ActorOfAsync(system, (Principal, "mallory@example.com")));
    }

    [Fact]
    public async Task The_principal_that_App_Service_authenticated_is_the_actor()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new() { ["WEBSITE_SITE_NAME"] = "bank", ["WEBSITE_AUTH_ENABLED"] = "True" });

        Assert.Equal("ada@example.com", await ActorOfAsync(system, (Principal, "ada@example.com")));
        Assert.Equal(256, (await ActorOfAsync(system, (Principal, new string('a', 300)))).Length);
        Assert.Equal("anonymous", await ActorOfAsync(system));
    }

    [Fact]
    public async Task The_name_of_the_key_is_the_actor_where_there_is_no_principal()
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new() { ["FunctionsHost:RequireKeys"] = "true", ["FunctionsHost:Keys:Host:mobile-app"] = "k-1" });

        Assert.Equal("key:mobile-app", await ActorOfAsync(system, ("x-functions-key", "k-1")));
    }

    [Theory]
    [InlineData("key:mobile-app")]
    [InlineData("Process:transfer-process")]
    [InlineData("user:key:mobile-app")]
    [InlineData("SYSTEM")]
    [InlineData("anonymous")]
    public async Task A_principal_that_is_called_like_something_of_the_system_is_told_apart(string principal)
    {
        await using TestSystem system = await TestSystem.StartAsync(
            new() { ["WEBSITE_SITE_NAME"] = "bank", ["WEBSITE_AUTH_ENABLED"] = "True" });

        Assert.Equal($"user:{principal}", await ActorOfAsync(system, (Principal, principal)));
    }

    [Fact]
    public void A_claim_that_an_identity_provider_issued_is_not_the_name_of_a_key()
    {
        const string Type = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";
        ClaimsIdentity principal = new([new Claim(Type, "master")], "aad");
        ClaimsIdentity key = new([new Claim(Type, "mobile-app")], "WebJobsAuthLevel");
        Caller caller = new(new ConfigurationBuilder().Build());

        Assert.Equal("anonymous", caller.Of(new BareRequest(principal)));
        Assert.Equal(["anonymous"], caller.RolesOf(new BareRequest(principal)));
        Assert.Equal("key:mobile-app", caller.Of(new BareRequest(principal, key)));
        Assert.Equal(["key:mobile-app"], caller.RolesOf(new BareRequest(principal, key)));
    }

    private static async Task<string> ActorOfAsync(TestSystem system, params (string Name, string Value)[] headers)
    {
        string id = Guid.NewGuid().ToString("N");
        Answer answer = await system.PostAsync($"account/{id}/open", """{"owner":"ada","currency":"EUR"}""", headers);
        Assert.Equal(201, answer.Status);
        StreamLoad load = await system.Events.LoadAsync(StreamName.Create("account", id), null, TestContext.Current.CancellationToken);
        return load.Commits[0].Metadata.Actor;
    }
}
