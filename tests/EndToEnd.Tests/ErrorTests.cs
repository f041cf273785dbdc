using System.Net.Http.Headers;
using System.Text;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>Everything a client can do wrong, against a whole system; the details of each are tested with the functions.</summary>
public sealed class ErrorTests(SystemUnderTest system)
{
    private readonly Api api = system.Api;

    [Theory]
    [InlineData("GET", "nothing", 404, "unknown-route")]
    [InlineData("GET", "account/nobody", 404, "unknown-stream")]
    [InlineData("GET", "account/nobody/events", 404, "unknown-stream")]
    [InlineData("GET", "account/a%20b", 400, "invalid-request")]
    [InlineData("GET", "account/nobody/events?from=0", 400, "invalid-request")]
    [InlineData("GET", "account/nobody/events?limit=1001", 400, "invalid-request")]
    [InlineData("GET", "loan/1", 404, "unknown-category")]
    [InlineData("GET", "views/nothing", 404, "unknown-view")]
    [InlineData("GET", "views/account-summary/nobody", 404, "unknown-view-key")]
    [InlineData("GET", "views/bank-totals/a%3Fb", 404, "unknown-view-key")]
    [InlineData("GET", "views/account-summary/nobody/entries", 404, "unknown-route")]
    [InlineData("GET", "views/account-statement/nobody/entries", 404, "unknown-view-key")]
    [InlineData("GET", "views/account-summary?pageSize=0", 400, "invalid-request")]
    [InlineData("GET", "views/account-summary?continuation=AAAAAAAAAAAA", 400, "invalid-request")]
    [InlineData("GET", "views/account-statement/nobody/entries?order=up", 400, "invalid-request")]
    [InlineData("GET", "views/account-summary/nobody?seen=x", 400, "invalid-request")]
    [InlineData("GET", "account/nobody/deposit", 405, "method-not-allowed")]
    [InlineData("PUT", "account/nobody", 405, "method-not-allowed")]
    [InlineData("DELETE", "account/nobody/events", 405, "method-not-allowed")]
    [InlineData("POST", "views/account-summary", 405, "method-not-allowed")]
    [InlineData("POST", "health", 405, "method-not-allowed")]
    [InlineData("POST", "account/nobody/explode", 404, "unknown-command")]
    [InlineData("POST", "loan/1/open", 404, "unknown-category")]
    public async Task A_wrong_request_gets_its_problem(string method, string path, int status, string code) =>
        (await api.SendAsync(new HttpMethod(method), path, content: null)).MustBeProblem(status, code);

    [Theory]
    [InlineData("{", 400, "malformed-json")]
    [InlineData("""{"amount":{"minorUnits":1,"currency":"EUR"},"memo":1}""", 400, "invalid-command")]
    [InlineData("""{"amount":{"minorUnits":0,"currency":"EUR"}}""", 400, "invalid-command")]
    [InlineData("""{"amount":{"minorUnits":1,"currency":"USD"}}""", 422, "currency-mismatch")]
    public async Task A_wrong_body_gets_its_problem(string body, int status, string code)
    {
        string id = await api.NewAccountAsync();

        (await api.PostAsync($"account/{id}/deposit", body)).MustBeProblem(status, code);

        Assert.Equal(1, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Theory]
    [InlineData("Idempotency-Key", "a b")]
    [InlineData("X-Correlation-Id", "a b")]
    [InlineData("If-Match", "2")]
    [InlineData("If-None-Match", "\"2\"")]
    public async Task A_wrong_header_gets_its_problem(string name, string value)
    {
        string id = await api.NewAccountAsync();

        (await api.DepositAsync(id, 1, (name, value))).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task A_body_that_is_not_declared_as_JSON_answers_415()
    {
        string id = await api.NewAccountAsync();
        using StringContent content = new("""{"reason":"x"}""", Encoding.UTF8, "text/plain");

        (await api.SendAsync(HttpMethod.Post, $"account/{id}/freeze", content)).MustBeProblem(415, "unsupported-media-type");
    }

    [Fact]
    public async Task A_body_beyond_the_limit_answers_413()
    {
        string id = await api.NewAccountAsync();
        using ByteArrayContent content = new(new byte[256 * 1024 + 1]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        (await api.SendAsync(HttpMethod.Post, $"account/{id}/freeze", content)).MustBeProblem(413, "body-too-large");
    }

    [Fact]
    public async Task Without_its_key_everything_but_the_health_check_answers_401()
    {
        Assert.SkipWhen(system.FunctionKey is null, "The system under test wants no key.");
        using Api anonymous = new(api.Address, key: null);

        Assert.Equal(401, (await anonymous.GetAsync("views")).Status);
        Assert.Equal(401, (await anonymous.OpenAsync(Api.NewId(), "ada")).Status);
        Answer nothing = await anonymous.GetAsync("nothing");
        Assert.Equal(401, nothing.Status);
        // The host answers this, and host.json tells it what to add.
        Assert.Equal("nosniff", nothing.Header("X-Content-Type-Options"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", nothing.Header("Content-Security-Policy"));
        Assert.Equal(200, (await anonymous.GetAsync("health")).Status);
    }
}
