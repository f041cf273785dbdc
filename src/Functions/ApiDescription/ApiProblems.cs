using System.Net;
using System.Text.Json.Nodes;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>Problem details: one schema for all, one response per operation and status, one example per kind.</summary>
internal static class ApiProblems
{
    public const string Schema = "ProblemDocument";

    private const string MediaType = "application/problem+json";

    public static JsonObject Response(IReadOnlyList<ProblemKind> kinds, IReadOnlyList<string> more)
    {
        List<string> headers = [.. more, ApiHeaders.TraceResponse];
        if (kinds.Any(k => k.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Accepted || k == ProblemKind.Contention))
        {
            headers.Add(ApiHeaders.RetryAfter);
        }
        return new JsonObject
        {
            ["description"] = string.Join(" ", kinds.Select(k => $"[{k.Name}]({k.Type}): {k.Title}.")),
            ["headers"] = ApiHeaders.Refs(headers),
            ["content"] = new JsonObject
            {
                [MediaType] = new JsonObject
                {
                    ["schema"] = SchemaSet.Ref(Schema),
                    ["examples"] = new JsonObject(kinds.Select(k => KeyValuePair.Create(
                        k.Name, (JsonNode?)new JsonObject { ["$ref"] = $"#/components/examples/{k.Name}" }))),
                },
            },
        };
    }

    /// <summary>What every error looks like, with the kinds there are.</summary>
    public static void Narrow(JsonObject schema)
    {
        schema["description"] = Table();
        JsonObject members = schema["properties"]!.AsObject();
        members["type"] = new JsonObject
        {
            ["type"] = "string",
            ["format"] = "uri-reference",
            ["description"] = "The page about this kind of problem. Kinds may be added.",
            ["examples"] = new JsonArray([.. ProblemKind.All.Select(k => (JsonNode)k.Type)]),
        };
        members["code"]!.AsObject()["description"] = "The last part of the type; for a rejected command, the code of the rule.";
        members["status"]!.AsObject()["description"] = "The same as the status of the answer.";
    }

    public static JsonObject Examples(IReadOnlySet<string> used, ApiExamples examples) =>
        new(ProblemKind.All.Where(k => used.Contains(k.Name)).Select(k => KeyValuePair.Create(
        k.Name,
        (JsonNode?)new JsonObject
        {
            ["summary"] = k.Title,
            ["value"] = new JsonObject
            {
                ["type"] = k.Type,
                ["title"] = k.Title,
                ["status"] = (int)k.Status,
                ["detail"] = $"{k.Title}.",
                ["instance"] = examples.Address,
                ["code"] = k == ProblemKind.CommandRejected ? examples.Rejection : k.Name,
            },
        })));

    /// <summary>For people, and complete: a method that an address does not have can't be described at an operation.</summary>
    private static string Table() => string.Join('\n', [
        "| Kind | Status | |", "| --- | --- | --- |",
        .. ProblemKind.All.Select(k => $"| [{k.Name}]({k.Type}) | {(int)k.Status} | {k.Title} |"),
    ]);
}
