using System.Net;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Http;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/api/items/7", 200, "item 7")]
    [InlineData("GET", "/API/Items/A%20b", 200, "item A b")]
    [InlineData("PUT", "/api/items/7", 200, "put 7")]
    [InlineData("GET", "/api/typed/7/9999999999/0f8fad5b-d9cb-469f-a165-70867728950e/true", 200, "7 9999999999 0f8fad5b-d9cb-469f-a165-70867728950e True")]
    [InlineData("GET", "/api/typed/x/1/0f8fad5b-d9cb-469f-a165-70867728950e/true", 404, "nothing at typed/x/1/0f8fad5b-d9cb-469f-a165-70867728950e/true")]
    [InlineData("GET", "/api/optional", 200, "nobody 3")]
    [InlineData("GET", "/api/optional/ann?count=5", 200, "ann 5")]
    [InlineData("GET", "/api/optional?name=bob", 200, "nobody 3")] // The route has the name, so the query does not count.
    [InlineData("GET", "/api/pattern/abc", 200, "abc")]
    [InlineData("GET", "/api/pattern/abcd", 404, "nothing at pattern/abcd")]
    [InlineData("GET", "/api/noroute", 202, "")]
    [InlineData("PATCH", "/api/NoRoute", 202, "")] // No methods named: all of them.
    [InlineData("DELETE", "/api/items/7", 404, "nothing at items/7")] // A wrong method falls through to the catch-all.
    [InlineData("GET", "/api", 404, "nothing at ")]
    [InlineData("GET", "/", 404, "")] // Outside the prefix even a catch-all sees nothing.
    public async Task Requests_reach_the_function_whose_route_fits(string method, string path, int status, string body)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(RouteSamples));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("POST", "/api/one")] // The real host answers a wrong method 404, not 405.
    [InlineData("HEAD", "/api/one")]
    [InlineData("GET", "/api/two")]
    [InlineData("GET", "/one")]
    public async Task What_no_route_fits_is_404_with_an_empty_body(string method, string path)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(OneRoute));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Null(response.Content.Headers.ContentType);
    }

    [Theory]
    [InlineData("""{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }""", "/one")]
    [InlineData("""{ "version": "2.0", "extensions": { "http": { "routePrefix": "/v1/x/" } } }""", "/v1/x/one")]
    public async Task The_route_prefix_comes_from_host_json(string hostJson, string path)
    {
        await using TestApp app = await TestApp.StartAsync(hostJson: hostJson, classes: typeof(OneRoute));
        using HttpResponseMessage found = await app.Client.GetAsync(path, TestContext.Current.CancellationToken);
        using HttpResponseMessage missing = await app.Client.GetAsync("/api/one", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Routes_are_tried_in_the_order_of_function_names_and_a_hidden_one_is_warned_of()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(HiddenRoute));
        Assert.Equal("details of list", await app.Client.GetStringAsync("/api/products/list", TestContext.Current.CancellationToken));
        RecordedLogs.Entry warning = Assert.Single(app.Logs.Entries, entry => entry.Level == LogLevel.Warning);
        Assert.Contains("'Details' takes requests for 'api/products/list' of 'List'", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catch_all_whose_name_comes_last_hides_nothing()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(RouteSamples));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_disabled_function_has_no_route()
    {
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Configuration["AzureWebJobs.One.Disabled"] = "true", classes: typeof(OneRoute));
        using HttpResponseMessage response = await app.Client.GetAsync("/api/one", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
