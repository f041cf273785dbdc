using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.ApiDescription;

public sealed class ApiDocumentTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task It_is_valid_OpenAPI_without_a_warning()
    {
        Answer answer = await system.GetAsync("openapi.json");

        Assert.Equal((200, "application/json; charset=utf-8"), (answer.Status, answer.ContentType));
        ReadResult read = OpenApiDocument.Parse(answer.Body, "json", new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetDefaultRuleSet() });
        Assert.Empty(read.Diagnostic!.Errors.Select(e => e.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(e => e.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Contains("/account/{id}/open", read.Document!.Paths.Keys);
    }

    [Fact]
    public async Task Every_function_is_described_with_its_methods_and_keys_and_nothing_else_is()
    {
        JsonObject paths = (await system.GetAsync("openapi.json")).Json["paths"]!.AsObject();
        List<(string Path, string Method)> left = [.. paths.SelectMany(p => p.Value!.AsObject().Select(m => (p.Key, m.Key)))];

        foreach ((string name, _, HttpTriggerAttribute trigger) in FunctionTable.Http.Where(f => f.Trigger.Route != Routes.Anything))
        {
            (string Path, string Method)[] found = [.. left.Where(o => trigger.Methods!.Contains(o.Method) && IsOf(trigger.Route!, o.Path))];
            Assert.True(found.Length > 0, $"{name} has no description: add it to the operations in src/Functions/ApiDescription.");
            Assert.All(found, o => Assert.Equal(KeysOf(trigger.AuthLevel), paths[o.Path]![o.Method]!["security"]!.AsArray().Select(s => s!.AsObject().Single().Key)));
            left.RemoveAll(found.Contains);
        }
        Assert.Empty(left);
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_and_a_summary()
    {
        JsonObject[] operations = [.. Operations((await system.GetAsync("openapi.json")).Json)];

        Assert.Equal(operations.Length, operations.Select(o => (string)o["operationId"]!).Distinct().Count());
        Assert.All(operations, o => Assert.NotEmpty((string)o["summary"]!));
    }

    [Fact]
    public async Task Who_has_it_already_is_told_that_nothing_has_changed()
    {
        string etag = (await system.GetAsync("openapi.json")).Header("ETag")!;

        Answer again = await system.GetAsync("openapi.json", ("If-None-Match", etag));

        Assert.Equal((304, ""), (again.Status, again.Body));
    }

    internal static IEnumerable<JsonObject> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!.AsObject());

    private static string[] KeysOf(AuthorizationLevel level) => level switch
    {
        AuthorizationLevel.Anonymous => [],
        _ => ["functionKey", "functionKeyInQuery"],
    };

    /// <summary>The document has the names of categories, commands and views where a route has a parameter.</summary>
    private static bool IsOf(string route, string path)
    {
        string[] wanted = route.Split('/');
        string[] given = path.TrimStart('/').Split('/');
        bool isOfStream = route.StartsWith("{category", StringComparison.Ordinal);
        return wanted.Length == given.Length
            && (!isOfStream || given[0] is "account" or "transfer")
            && wanted.Zip(given).All(s => s.First == s.Second || s.First.StartsWith('{'))
            && !(route == Routes.Command && given[2] == "events");
    }
}
