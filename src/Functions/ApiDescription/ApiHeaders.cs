using System.Text.Json.Nodes;
using Serverless.Functions.History;

namespace Serverless.Functions.ApiDescription;

/// <summary>Every header of an answer that means something, each described once.</summary>
internal static class ApiHeaders
{
    public const string ETag = "ETag";
    public const string Location = "Location";
    public const string RequestCharge = "x-request-charge";
    public const string TraceResponse = "traceresponse";
    public const string RetryAfter = "Retry-After";
    public const string PreferenceApplied = "Preference-Applied";

    private static readonly (string Name, string Description, JsonObject Schema)[] All =
    [
        (ETag, "The version of the stream in quotes, or a hash of the view, for `If-Match` and `If-None-Match`.", Text("\"12\"")),
        (Location, "Where the result is to be seen.", Text(null)),
        (RequestCharge, "Request units of the store; absent where it has none.", Number()),
        (TraceResponse, "The trace of this request, as logs name it.", Text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")),
        (RetryAfter, "Seconds to wait before the same is sent again.", new JsonObject { ["type"] = "integer", ["minimum"] = 1 }),
        (PreferenceApplied, "`respond-async`: the command was taken for later.", Text("respond-async")),
        (ApiParameters.IdempotencyKey, "As it was sent.", Text(ApiExamples.MessageId)),
        (ApiParameters.CorrelationId, "What stands with the commits of this command.", Text(ApiExamples.MessageId)),
        (StoreFunctions.ContinuationHeader, "Where the next page begins; without it this one is the last.", Text(null)),
        ("Cache-Control", "How long the page may be kept.", Text("public, max-age=3600")),
        ("Content-Encoding", "`gzip` for files that are kept packed.", Text("gzip")),
    ];

    public static JsonObject Refs(IEnumerable<string> names) =>
        new(names.Select(n => KeyValuePair.Create(n, (JsonNode?)new JsonObject { ["$ref"] = $"#/components/headers/{n}" })));

    public static JsonObject ToJson(IReadOnlySet<string> used) => new(All.Where(h => used.Contains(h.Name)).Select(h => KeyValuePair.Create(
        h.Name, (JsonNode?)new JsonObject { ["description"] = h.Description, ["schema"] = h.Schema.DeepClone() })));

    private static JsonObject Text(string? example)
    {
        JsonObject schema = new() { ["type"] = "string" };
        if (example is not null)
        {
            schema["examples"] = new JsonArray(example);
        }
        return schema;
    }

    private static JsonObject Number() => new() { ["type"] = "number", ["format"] = "double", ["minimum"] = 0 };
}
