using System.Text.Json.Nodes;

namespace Serverless.Functions.Tests.Support;

/// <summary>
/// Holds every answer that a test gets against the document: the status is there, the body fits its schema, and so do the kind of problem and
/// the headers. So what all other tests look at is what is described.
/// </summary>
public sealed class ApiContract(JsonObject document)
{
    private static readonly HashSet<string> NotDescribed = new(StringComparer.OrdinalIgnoreCase)
    {
        // Of every answer, or of the server itself.
        "Content-Type", "Content-Length", "Date", "Server", "Cache-Control", "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Transfer-Encoding",
    };

    private readonly SchemaCheck schemas = new(document);

    public void Check(HttpMethod method, string path, Answer answer)
    {
        if (OperationAt(method, path.Split('?')[0].Trim('/')) is not { } operation)
        {
            return; // No such address or method: that has a description nowhere.
        }
        string where = $"{method} {path} answered {answer.Status}";
        JsonNode described = schemas.Resolve(operation["responses"]![$"{answer.Status}"]
            ?? throw new InvalidOperationException($"{where}, which {operation["operationId"]} does not describe: {answer.Body}"));
        foreach (string header in answer.Headers.Keys.Where(h => !NotDescribed.Contains(h)))
        {
            Assert.True(
                described["headers"]?.AsObject().Any(h => h.Key.Equals(header, StringComparison.OrdinalIgnoreCase)) == true,
                $"{where} with a header {header} that is not described.");
        }
        CheckBody(where, described, answer);
    }

    private void CheckBody(string where, JsonNode described, Answer answer)
    {
        if (answer.Body.Length == 0 || answer.ContentType is not { } contentType)
        {
            return; // HEAD, 304, 401.
        }
        string type = contentType.Split(';')[0];
        JsonNode content = described["content"]?[type] ?? described["content"]?["*/*"]
            ?? throw new InvalidOperationException($"{where} as {type}, which is not described.");
        if (!type.EndsWith("json", StringComparison.Ordinal))
        {
            return;
        }
        Assert.Empty(schemas.Errors(content["schema"]!, answer.Json).Select(e => $"{where}: {e}\n{answer.Body}"));
        if (type == "application/problem+json")
        {
            string kind = ((string)answer.Json["type"]!).Split('/')[^1];
            Assert.True(content["examples"]!.AsObject().ContainsKey(kind), $"{where} with the problem {kind}, which is not described.");
        }
    }

    /// <summary>The address with the most fixed words fits best.</summary>
    private JsonNode? OperationAt(HttpMethod method, string path)
    {
        string[] segments = path.Split('/');
        string verb = method == HttpMethod.Head ? "get" : method.Method.ToLowerInvariant();
        return document["paths"]!.AsObject()
            .Where(p => p.Value![verb] is not null && Fits(p.Key.TrimStart('/').Split('/'), segments))
            .OrderBy(p => p.Key.Count(c => c == '{'))
            .Select(p => p.Value![verb])
            .FirstOrDefault();
    }

    private static bool Fits(string[] wanted, string[] given) =>
        wanted.Length == given.Length && wanted.Zip(given).All(s => s.First.StartsWith('{') ? s.Second.Length > 0 : s.First == s.Second);
}
