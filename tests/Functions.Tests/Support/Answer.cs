using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Functions.Tests.Support;

/// <summary>What came back, read to the end.</summary>
public sealed record Answer(int Status, string? ContentType, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Content.Headers.ContentType?.ToString(),
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>Status, body and content type of an answer that is not a problem. "*" in the expected JSON stands for any string.</summary>
    public Answer MustBe(int status, string json)
    {
        Assert.Equal((status, "application/json; charset=utf-8"), (Status, ContentType));
        AssertJson(json, Json);
        return this;
    }

    /// <summary>A problem with this status and code, whose members agree with each other and with the answer around it.</summary>
    public Answer MustBeProblem(int status, string code)
    {
        Assert.True(ContentType == "application/problem+json; charset=utf-8", $"{Status} {ContentType}: {Body}");
        Assert.Equal((status, code), (Status, (string?)Json["code"]));
        Assert.Equal(status, (int)Json["status"]!);
        Assert.StartsWith("/api/docs/errors/", (string?)Json["type"], StringComparison.Ordinal);
        Assert.NotEmpty((string)Json["title"]!);
        Assert.NotEmpty((string)Json["detail"]!);
        Assert.StartsWith("/api/", (string?)Json["instance"], StringComparison.Ordinal);
        Assert.Equal(Header("traceresponse")!.Split('-')[1], (string?)Json["traceId"]);
        Assert.Equal("no-store", Header("Cache-Control"));
        return this;
    }

    /// <summary>The one detailed error of a problem.</summary>
    public Answer WithError(string path, string message)
    {
        JsonNode error = Assert.Single(Json["errors"]!.AsArray())!;
        Assert.Equal((path, message), ((string?)error["path"], (string?)error["message"]));
        return this;
    }

    public static void AssertJson(string expected, JsonNode actual)
    {
        JsonNode wanted = JsonNode.Parse(expected)!;
        FillIn(wanted, actual);
        JsonSerializerOptions indented = new() { WriteIndented = true };
        Assert.Equal(wanted.ToJsonString(indented), actual.ToJsonString(indented));
    }

    private static void FillIn(JsonNode expected, JsonNode? actual)
    {
        switch (expected, actual)
        {
            case (JsonObject wanted, JsonObject given):
                foreach ((string name, JsonNode? value) in wanted.ToList())
                {
                    if (value is JsonValue && value.ToString() == "*" && given[name] is JsonValue any && any.GetValueKind() == JsonValueKind.String)
                    {
                        wanted[name] = any.DeepClone();
                    }
                    else if (value is not null)
                    {
                        FillIn(value, given[name]);
                    }
                }
                break;
            case (JsonArray wanted, JsonArray given):
                for (int i = 0; i < Math.Min(wanted.Count, given.Count); i++)
                {
                    FillIn(wanted[i]!, given[i]);
                }
                break;
            default:
                break;
        }
    }
}
