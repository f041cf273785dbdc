using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>The rules for ids of databases and containers.</summary>
internal static class ResourceName
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/\\?#\t\r\n");

    public static string Of(JsonObject document) =>
        Checked(document["id"] is JsonValue value && value.TryGetValue(out string? id) ? id : throw new RefusedException(Errors.IdMissing));

    public static string OfBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Of(JsonNode.Parse(body.Span) as JsonObject ?? throw new RefusedException(Errors.IdMissing));
        }
        catch (JsonException exception)
        {
            throw new RefusedException(Errors.MalformedBody("resource", exception.Message));
        }
    }

    private static string Checked(string id) =>
        id.Length == 0 ? throw new RefusedException(Errors.IdMissing)
        : id.Length > Limits.ResourceIdCharacters ? throw new RefusedException(Errors.IdTooLong)
        : id.AsSpan().ContainsAny(Forbidden) || id[^1] == ' ' ? throw new RefusedException(Errors.IdCharacters)
        : id;
}
