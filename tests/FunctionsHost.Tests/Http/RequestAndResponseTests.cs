using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Http;

public sealed class RequestAndResponseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_can_be_read_twice()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(DataSamples));
        using var content = new StringContent("Grüße", Encoding.UTF8);
        using HttpResponseMessage response = await app.Client.PostAsync("/api/echo", content, Cancel);
        Assert.Equal("Grüße|Grüße", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_chunked_body_is_empty_as_in_azure_and_warned_of()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(DataSamples));
        using JsonContent content = JsonContent.Create(new { a = 1 }); // Its length is unknown, so it travels in chunks.
        using HttpResponseMessage response = await app.Client.PostAsync("/api/echo", content, Cancel);
        Assert.Equal("|", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Contains(app.Logs.Entries, e => e.Level == LogLevel.Warning && e.Message.Contains("chunked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_data_carries_method_url_query_headers_cookies_and_content_type()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(DataSamples));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/describe?q=a%20b&q=c");
        request.Headers.Add("X-Thing", ["1", "2"]);
        request.Headers.Add("Cookie", "one=1; two=a=b; three");
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await app.Client.SendAsync(request, Cancel);
        JsonElement data = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal("POST", data.GetProperty("Method").GetString());
        Assert.Equal(new Uri(app.Client.BaseAddress!, "/api/describe?q=a%20b&q=c").ToString(), data.GetProperty("Url").GetString());
        Assert.Equal("a b,c", data.GetProperty("Query").GetString());
        Assert.Equal(["one=1", "two=a=b", "three="], data.GetProperty("Cookies").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(["1, 2"], data.GetProperty("Header").EnumerateArray().Select(value => value.GetString()));
        Assert.Contains("x-thing", data.GetProperty("Names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("application/json; charset=utf-8", data.GetProperty("ContentType").GetString());
        Assert.Equal(1, data.GetProperty("Identities").GetInt32());
    }

    [Fact]
    public async Task Json_is_read_without_regard_to_case_and_written_with_the_given_content_type()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(DataSamples));
        using var content = new StringContent("""{"NAME":"Ann","age":7}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await app.Client.PostAsync("/api/people", content, Cancel);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/vnd.person+json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"Name":"Ann","Age":7}""", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_response_carries_headers_content_headers_cookies_and_bytes_in_chunks()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(DataSamples));
        using HttpResponseMessage response = await app.Client.GetAsync("/api/headers", Cancel);
        Assert.Equal("\"7\"", response.Headers.ETag!.Tag);
        Assert.Equal(["en"], response.Content.Headers.ContentLanguage);
        Assert.Equal(["a,b"], response.Headers.GetValues("X-Many"));
        Assert.Equal(
            ["plain=1; path=/", "full=a%20b; max-age=60; path=/x; secure; samesite=strict; httponly"],
            response.Headers.GetValues("Set-Cookie"));
        Assert.True(response.Headers.TransferEncodingChunked); // As the real host sends it, without a length.
        Assert.Equal([1, 2, 3], await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/api/nothinglater")]
    public async Task A_function_without_a_result_answers_200_with_an_empty_body(string path)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(DataSamples));
        using HttpResponseMessage response = await app.Client.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("/api/throw", "Throw", "a secret of the function")]
    [InlineData("/api/throwlater", "ThrowLater", "a secret of the function")]
    [InlineData("/api/number/seven", "Number", "Error converting 1 input parameters for Function 'Number'")]
    [InlineData("/api/number/007", "Number", "Error converting 1 input parameters for Function 'Number'")]
    public async Task A_function_that_throws_answers_500_with_an_empty_body_and_logs_why(string path, string function, string logged)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(FailingSamples));
        using HttpResponseMessage response = await app.Client.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
        RecordedLogs.Entry error = Assert.Single(app.Logs.Entries, entry => entry.Level == LogLevel.Error);
        Assert.Equal($"Function.{function}", error.Category);
        Assert.Contains(logged, error.Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_above_the_limit_is_a_failed_invocation_and_one_at_the_limit_is_not()
    {
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Configuration["FunctionsHost:MaxRequestBodyBytes"] = "10", classes: typeof(DataSamples));
        using HttpResponseMessage fits = await app.Client.PostAsync("/api/echo", new StringContent("0123456789"), Cancel);
        using HttpResponseMessage tooLarge = await app.Client.PostAsync("/api/echo", new StringContent("0123456789x"), Cancel);
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, tooLarge.StatusCode);
        Assert.Single(app.Logs.Entries, entry => entry.Level == LogLevel.Error && entry.Message.Contains("exceeds 10 bytes", StringComparison.Ordinal));
        Assert.Empty(await tooLarge.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Custom_headers_of_host_json_are_on_every_answer()
    {
        const string HostJson = """{ "version": "2.0", "extensions": { "http": { "customHeaders": { "X-Content-Type-Options": "nosniff" } } } }""";
        await using TestApp app = await TestApp.StartAsync(hostJson: HostJson, classes: typeof(OneRoute));
        foreach (string path in (string[])["/api/one", "/api/two"])
        {
            using HttpResponseMessage response = await app.Client.GetAsync(path, Cancel);
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        }
    }
}
