using System.Text;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

public sealed class BodyTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Theory]
    [InlineData("{\"amount\":", 1, 11)]
    [InlineData("{\n  \"amount\": {\"minorUnits\": 1,, }\n}", 2, 30)]
    [InlineData("amount=5", 1, 1)]
    [InlineData("{} {}", 1, 4)]
    [InlineData("{\"amount\":{\"minorUnits\":1,\"currency\":\"EUR\"}", 1, 44)]
    public async Task A_body_that_is_not_JSON_answers_400_with_the_place(string body, int line, int column)
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.PostAsync($"account/{id}/deposit", body);

        answer.MustBeProblem(400, "malformed-json");
        Assert.StartsWith($"Line {line}, byte {column}: ", (string?)answer.Json["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"amount":{"minorUnits":1,"currency":"EUR"},"memo":"x"}""", "$.memo", "The member 'memo' is not known here.")]
    [InlineData("""{"amount":{"minorUnits":1,"curency":"EUR"}}""", "$.amount.curency", "The member 'curency' is not known here.")]
    [InlineData("""{}""", "$", "Required members are missing: 'amount'.")]
    [InlineData("""{"amount":{"minorUnits":1}}""", "$.amount", "Required members are missing: 'currency'.")]
    [InlineData("""{"amount":null}""", "$.amount", "The member 'amount' must not be null.")]
    [InlineData("""{"amount":{"minorUnits":"1","currency":"EUR"}}""", "$.amount.minorUnits", "The value has the wrong type or is out of range.")]
    [InlineData("""{"amount":{"minorUnits":1.5,"currency":"EUR"}}""", "$.amount.minorUnits", "The value has the wrong type or is out of range.")]
    [InlineData("""{"amount":{"minorUnits":99999999999999999999,"currency":"EUR"}}""", "$.amount.minorUnits", "The value has the wrong type or is out of range.")]
    [InlineData("""{"amount":{"minorUnits":0,"currency":"EUR"}}""", "$.amount.minorUnits", "An amount is 1 to 999999999999999 minor units.")]
    [InlineData("""{"amount":{"minorUnits":1,"currency":"euro"}}""", "$.amount.currency", "A currency is an ISO 4217 code of three capital letters, such as EUR.")]
    [InlineData("""[1]""", "$", "The value has the wrong type or is out of range.")]
    [InlineData("""null""", "$", "The body is null; an object is expected.")]
    public async Task A_body_that_is_wrong_in_one_member_answers_400_and_says_which(string body, string path, string message)
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.PostAsync($"account/{id}/deposit", body);

        answer.MustBeProblem(400, "invalid-command").WithError(path, message);
        Assert.Equal($"{path}: {message}", (string?)answer.Json["detail"]);
    }

    [Fact]
    public async Task A_member_that_is_there_twice_answers_400()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.PostAsync($"account/{id}/freeze", """{"reason":"a","reason":"b"}""");

        answer.MustBeProblem(400, "invalid-command");
        Assert.DoesNotContain("Serverless", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', (byte)'r', (byte)'e', (byte)'a', (byte)'s', (byte)'o', (byte)'n', (byte)'"', (byte)':', (byte)'"', 0xC3, (byte)'"', (byte)'}' })]
    public async Task Bytes_that_are_not_UTF_8_answer_400(byte[] body)
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.SendAsync(HttpMethod.Post, $"account/{id}/freeze", TestSystem.Bytes(body));

        Assert.Equal(400, answer.Status);
        Assert.Equal("application/problem+json; charset=utf-8", answer.ContentType);
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_answers_400()
    {
        string id = await system.OpenAccountAsync();

        Assert.Equal(400, (await system.PostAsync($"account/{id}/freeze", """{"reason":"\ud83d"}""")).Status);
    }

    [Fact]
    public async Task JSON_of_64_levels_is_too_deep()
    {
        string id = await system.OpenAccountAsync();
        string body = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));

        (await system.PostAsync($"account/{id}/deposit", body)).MustBeProblem(400, "malformed-json");
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over()
    {
        string id = await system.OpenAccountAsync();
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("""{"reason":"lost card"}""")];

        Assert.Equal(200, (await system.SendAsync(HttpMethod.Post, $"account/{id}/freeze", TestSystem.Bytes(body))).Status);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/vnd.bank+json; charset=\"UTF-8\"")]
    public async Task Every_JSON_type_is_taken(string contentType)
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.SendAsync(HttpMethod.Post, $"account/{id}/freeze", TestSystem.Json("""{"reason":"x"}""", contentType));

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("text/json+json")]
    public async Task Another_type_answers_415(string contentType)
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.SendAsync(HttpMethod.Post, $"account/{id}/freeze", TestSystem.Json("""{"reason":"x"}""", contentType));

        answer.MustBeProblem(415, "unsupported-media-type");
        Assert.Contains(contentType, (string)answer.Json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_a_type_answers_415()
    {
        string id = await system.OpenAccountAsync();
        using ByteArrayContent content = new("{}"u8.ToArray());

        (await system.SendAsync(HttpMethod.Post, $"account/{id}/freeze", content)).MustBeProblem(415, "unsupported-media-type");
    }

    [Fact]
    public async Task The_largest_body_is_read_and_one_byte_more_answers_413()
    {
        string id = await system.OpenAccountAsync();
        string largest = $$"""{"reason":"{{new string('x', HttpLimits.MaxBodyBytes - 13)}}"}""";

        Assert.Equal(HttpLimits.MaxBodyBytes, largest.Length);
        (await system.PostAsync($"account/{id}/freeze", largest)).MustBeProblem(400, "invalid-command");
        (await system.PostAsync($"account/{id}/freeze", largest + " ")).MustBeProblem(413, "body-too-large");
    }

    [Fact]
    public async Task A_body_in_chunks_answers_411_because_the_host_would_drop_it()
    {
        string id = await system.OpenAccountAsync();
        using Stream body = new MemoryStream("""{"reason":"x"}"""u8.ToArray());
        using UnsizedContent content = new(body);

        (await system.SendAsync(HttpMethod.Post, $"account/{id}/close", content)).MustBeProblem(411, "length-required");
    }

    private sealed class UnsizedContent : StreamContent
    {
        public UnsizedContent(Stream content)
            : base(content) => Headers.ContentType = new("application/json");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
