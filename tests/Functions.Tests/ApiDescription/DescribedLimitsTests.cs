using System.Text;
using System.Text.Json.Nodes;
using Serverless.Functions.ApiDescription;
using Serverless.Functions.Management;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.ApiDescription;

/// <summary>The limits in the document are those that the service keeps: what it says of a parameter or a body is asked of the service itself.</summary>
public sealed class DescribedLimitsTests(TestSystem system) : IClassFixture<TestSystem>, IAsyncLifetime
{
    private const string NoNumber = "none";

    public async ValueTask InitializeAsync()
    {
        // The stream of the examples, so that a request gets as far as its query.
        Answer answer = await system.PostAsync("account/7f3a/open", """{"owner":"ada","currency":"EUR"}""");
        Assert.True(answer.Status is 201 or 422, answer.Body);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Every_number_in_a_query_has_the_range_that_is_kept()
    {
        List<string> wrong = [];
        foreach ((Operation operation, JsonNode parameter, JsonNode schema) in await ParametersAsync("query", s => (string?)s["type"] == "integer"))
        {
            Answer answer = await SendAsync(operation, (string)parameter["name"]!, NoNumber);
            string said = $"It is a whole number from {schema["minimum"]} to {schema["maximum"]}.";
            if ((string?)answer.Json["errors"]?[0]?["message"] is var kept && kept != said)
            {
                wrong.Add($"{operation.Id} says of {parameter["name"]}: {said} The service: {kept ?? answer.Body}");
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Every_word_in_a_query_is_one_of_those_that_are_taken()
    {
        var parameters = await ParametersAsync("query", s => s["enum"] is not null);
        Assert.NotEmpty(parameters);
        foreach ((Operation operation, JsonNode parameter, JsonNode schema) in parameters)
        {
            Answer answer = await SendAsync(operation, (string)parameter["name"]!, "neither");
            answer.WithError((string)parameter["name"]!, $"It is one of: {string.Join(", ", schema["enum"]!.AsArray().Select(w => (string)w!))}.");
        }
    }

    [Fact]
    public async Task Every_instant_in_a_query_is_one()
    {
        var parameters = await ParametersAsync("query", s => (string?)s["format"] == "date-time");
        Assert.NotEmpty(parameters);
        foreach ((Operation operation, JsonNode parameter, _) in parameters)
        {
            string name = (string)parameter["name"]!;
            (await SendAsync(operation, name, "yesterday")).WithError(name, "It is an instant such as 2026-11-23T09:30:00Z.");
            // The rest of the request may be refused, but not for this.
            Answer taken = await SendAsync(operation, name, "2026-11-23T09:30:00Z");
            Assert.NotEqual(name, (string?)taken.Json["errors"]?[0]?["path"]);
        }
    }

    [Theory]
    [InlineData("Idempotency-Key", "a", true)]
    [InlineData("Idempotency-Key", "\"a\"", true)]
    [InlineData("Idempotency-Key", "\"", true)]
    [InlineData("Idempotency-Key", "{128}", true)]
    [InlineData("Idempotency-Key", "\"{128}\"", true)]
    [InlineData("Idempotency-Key", "{129}", false)]
    [InlineData("Idempotency-Key", "\"{129}\"", false)]
    [InlineData("Idempotency-Key", "a b", false)]
    [InlineData("Idempotency-Key", "ä", false)]
    [InlineData("X-Correlation-Id", "{128}", true)]
    [InlineData("X-Correlation-Id", "{129}", false)]
    [InlineData("X-Correlation-Id", "a b", false)]
    [InlineData("If-Match", "*", true)]
    [InlineData("If-Match", "\"12\"", true)]
    [InlineData("If-Match", "12", false)]
    [InlineData("If-Match", "W/\"12\"", false)]
    [InlineData("If-Match", "\"12\", \"13\"", false)]
    [InlineData("If-Match", "\"99999999999\"", false)]
    [InlineData("If-None-Match", "*", true)]
    [InlineData("If-None-Match", "\"12\"", false)]
    public async Task A_header_of_a_command_is_taken_if_the_document_says_so(string name, string value, bool isTaken)
    {
        foreach (int length in (int[])[128, 129])
        {
            value = value.Replace($$"""{{{length}}}""", new string('x', length), StringComparison.Ordinal);
        }
        SchemaCheck check = new(await DocumentAsync());
        (_, _, JsonNode schema) = Assert.Single(await ParametersAsync("header", _ => true), p => p.Operation.Id == "accountDeposit" && (string?)p.Parameter["name"] == name);

        Answer answer = await system.PostAsync("account/7f3a/deposit", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", (name, value));

        Assert.Equal(isTaken, answer.Status != 400);
        Assert.Equal(isTaken, !check.Errors(schema, value).Any());
    }

    [Theory]
    [InlineData("RetryRequest", "{}", true)]
    [InlineData("RetryRequest", """{"reason":null}""", true)]
    [InlineData("RetryRequest", """{"reason":"{500}"}""", true)]
    [InlineData("RetryRequest", """{"reason":"{501}"}""", false)]
    [InlineData("RetryRequest", """{"reason":" "}""", false)]
    [InlineData("RetryRequest", """{"reason":"a\nb"}""", false)]
    [InlineData("RetryRequest", """{"reason":" ä b "}""", true)]
    [InlineData("DiscardRequest", """{"version":1,"reason":"x"}""", true)]
    [InlineData("DiscardRequest", """{"version":0,"reason":"x"}""", true)]
    [InlineData("DiscardRequest", """{"version":-1,"reason":"x"}""", false)]
    [InlineData("DiscardRequest", """{"version":1,"reason":""}""", false)]
    [InlineData("VersionRequest", """{"version":1,"reason":"{500}","force":true}""", true)]
    [InlineData("VersionRequest", """{"version":0,"reason":"x"}""", false)]
    [InlineData("VersionRequest", """{"version":1,"reason":"{501}"}""", false)]
    [InlineData("RebuildRequest", """{"stream":"account-1","reason":"x"}""", true)]
    [InlineData("RebuildRequest", """{"stream":"account-1","reason":"x","version":null}""", true)]
    [InlineData("RebuildRequest", """{"stream":"account-1","reason":"x","version":0}""", false)]
    [InlineData("RebuildRequest", """{"stream":"account-1","reason":""}""", false)]
    public async Task The_schema_of_what_an_operator_sends_takes_what_the_reader_takes(string type, string body, bool isTaken)
    {
        foreach (int length in (int[])[500, 501])
        {
            body = body.Replace($$"""{{{length}}}""", new string('x', length), StringComparison.Ordinal);
        }
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(body);
        Func<object> read = type switch
        {
            "RetryRequest" => () => ManagementBody.ReadRetry(bytes),
            "DiscardRequest" => () => ManagementBody.ReadDiscard(bytes),
            "VersionRequest" => () => ManagementBody.ReadVersion(bytes),
            _ => () => ManagementBody.ReadRebuild(bytes),
        };

        JsonObject document = await DocumentAsync();

        Assert.Equal(isTaken, Record.Exception(() => read()) is null);
        Assert.Equal(isTaken, !new SchemaCheck(document).Errors(SchemaSet.Ref(type), JsonNode.Parse(body)).Any());
        Assert.Single(document["components"]!["schemas"]!.AsObject(), s => s.Key.StartsWith(type, StringComparison.Ordinal));
    }

    private async Task<JsonObject> DocumentAsync() => (await system.GetAsync("openapi.json")).Json.AsObject();

    private async Task<List<(Operation Operation, JsonNode Parameter, JsonNode Schema)>> ParametersAsync(string place, Func<JsonNode, bool> condition)
    {
        JsonObject document = await DocumentAsync();
        SchemaCheck references = new(document);
        return
        [
            .. from path in document["paths"]!.AsObject()
               from method in path.Value!.AsObject()
               let parameters = (method.Value!["parameters"]?.AsArray() ?? []).Select(p => references.Resolve(p!)).ToArray()
               from parameter in parameters
               where (string?)parameter["in"] == place && condition(parameter["schema"]!)
               select (new Operation((string)method.Value["operationId"]!, method.Key, path.Key, parameters), parameter, parameter["schema"]!),
        ];
    }

    /// <summary>The request of the examples, with one parameter that is different.</summary>
    private Task<Answer> SendAsync(Operation operation, string name, string value)
    {
        IEnumerable<(string Name, string Value)> query = operation.Parameters
            .Where(p => (string?)p["in"] == "query" && (bool?)p["required"] == true && (string?)p["name"] != name)
            .Select(p => ((string)p["name"]!, (string)p["example"]!))
            .Append((name, value));
        string path = operation.Parameters.Where(p => (string?)p["in"] == "path").Aggregate(
            operation.Path.TrimStart('/'), (text, p) => text.Replace($"{{{p["name"]}}}", (string)p["example"]!, StringComparison.Ordinal));
        return system.SendAsync(
            operation.Method == "get" ? HttpMethod.Get : HttpMethod.Post,
            $"{path}?{string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}"))}",
            operation.Method == "get" ? null : TestSystem.Json("{}"));
    }

    private sealed record Operation(string Id, string Method, string Path, JsonNode[] Parameters);
}
