using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>What opens a route: nothing, a key, or a key and a right.</summary>
internal enum ApiAccess
{
    Anonymous,
    Function,
    Management,
}

/// <summary>One method of one address, as the document describes it.</summary>
internal sealed record ApiOperation(string Method, string Path, string Id, string Tag, ApiAccess Access, string Summary)
{
    public string? Description { get; init; }

    /// <summary>Names in <see cref="ApiParameters"/>; what stands in the path comes from there.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    public ApiBody? Body { get; init; }

    /// <summary>What it answers when all is well.</summary>
    public required IReadOnlyList<ApiAnswer> Answers { get; init; }

    /// <summary>What it can answer besides; faults of the store and of the program can come from any.</summary>
    public IReadOnlyList<ProblemKind> Problems { get; init; } = [];

    /// <summary>What problems have, too.</summary>
    public IReadOnlyList<string> ProblemHeaders { get; init; } = [];

    public JsonObject ToJson()
    {
        JsonObject json = new() { ["operationId"] = Id, ["tags"] = new JsonArray(Tag), ["summary"] = Summary };
        if (Description is not null)
        {
            json["description"] = Description;
        }
        string[] parameters = [.. PathParameters(), .. Parameters];
        if (parameters.Length > 0)
        {
            json["parameters"] = new JsonArray([.. parameters.Select(ApiParameters.Ref)]);
        }
        if (Body is not null)
        {
            json["requestBody"] = Body.ToJson();
        }
        json["responses"] = Responses();
        json["security"] = ApiKeys.For(Access);
        return json;
    }

    private IEnumerable<string> PathParameters() =>
        Path.Split('/').Where(s => s.StartsWith('{')).Select(s => s.Trim('{', '}'));

    private JsonObject Responses()
    {
        SortedDictionary<string, JsonNode> responses = new(StringComparer.Ordinal);
        foreach (ApiAnswer answer in Answers)
        {
            responses.Add(answer.Status.ToString(CultureInfo.InvariantCulture), answer.ToJson());
        }
        IEnumerable<ProblemKind> problems = Problems;
        if (Access != ApiAccess.Anonymous)
        {
            responses.Add("401", new JsonObject { ["$ref"] = "#/components/responses/Unauthorized" });
            problems = [.. Problems, .. Access == ApiAccess.Management ? [ProblemKind.Forbidden] : Array.Empty<ProblemKind>(), ProblemKind.InternalError, ProblemKind.StoreUnavailable, ProblemKind.Stopping];
        }
        foreach (IGrouping<int, ProblemKind> kinds in problems.Distinct().GroupBy(p => (int)p.Status))
        {
            responses.Add(kinds.Key.ToString(CultureInfo.InvariantCulture), ApiProblems.Response([.. kinds], ProblemHeaders));
        }
        return new JsonObject(responses.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value)));
    }
}

/// <summary>What a client sends.</summary>
internal sealed record ApiBody(JsonObject Schema, bool IsRequired, JsonNode? Example = null, string MediaType = "application/json")
{
    public JsonObject ToJson()
    {
        JsonObject content = new() { ["schema"] = Schema.DeepClone() };
        if (Example is not null)
        {
            content["example"] = Example.DeepClone();
        }
        return new JsonObject { ["required"] = IsRequired, ["content"] = new JsonObject { [MediaType] = content } };
    }
}

/// <summary>What comes back; <paramref name="Headers"/> are names in <see cref="ApiHeaders"/>.</summary>
internal sealed record ApiAnswer(int Status, string Description, JsonObject? Schema, params IReadOnlyList<string> Headers)
{
    public static ApiAnswer NotModified { get; } = new(304, "What the client has is still so.", Schema: null, ApiHeaders.ETag, ApiHeaders.RequestCharge);

    public string MediaType { get; init; } = "application/json";

    public static ApiAnswer Ok(JsonObject schema, params IReadOnlyList<string> headers) => new(200, "OK", schema, headers);

    public JsonObject ToJson()
    {
        JsonObject json = new() { ["description"] = Description, ["headers"] = ApiHeaders.Refs([.. Headers, ApiHeaders.TraceResponse]) };
        if (Schema is not null)
        {
            json["content"] = new JsonObject { [MediaType] = new JsonObject { ["schema"] = Schema.DeepClone() } };
        }
        return json;
    }
}
