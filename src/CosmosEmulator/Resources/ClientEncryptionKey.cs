using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>A wrapped key that clients encrypt properties with. The service only keeps it: all cryptography is the client's. Immutable.</summary>
internal sealed class ClientEncryptionKey
{
    private const int IdBytes = 8;
    private const string Created = "_cts";

    private ClientEncryptionKey(string name, string resourceId, string self, JsonObject content, string etag, long timestamp)
    {
        Name = name;
        ResourceIdText = resourceId;
        Self = self;
        content["_rid"] = resourceId;
        content["_self"] = self;
        content["_etag"] = etag;
        content["_ts"] = timestamp;
        content[Created] ??= timestamp;
        Document = Encoding.UTF8.GetBytes(content.ToJsonString(CompactJson.Options));
    }

    public string Name { get; }

    public string ResourceIdText { get; }

    public byte[] Document { get; }

    private string Self { get; }

    public static ClientEncryptionKey Create(Database database, ReadOnlyMemory<byte> body, string etag, long timestamp)
    {
        JsonObject content = Parse(body);
        string resourceId = ResourceId.Text([.. database.Id, .. RandomNumberGenerator.GetBytes(IdBytes)]);
        return new ClientEncryptionKey(
            ResourceName.Of(content), resourceId, $"dbs/{database.ResourceIdText}/clientencryptionkeys/{resourceId}/", content, etag, timestamp);
    }

    public static ClientEncryptionKey Restore(byte[] document)
    {
        JsonObject content = Parse(document);
        string Text(string member) => (string?)content[member] ?? throw new FormatException($"'{member}' is missing.");
        return new ClientEncryptionKey(
            Text("id"), Text("_rid"), Text("_self"), content, Text("_etag"), (long?)content["_ts"] ?? throw new FormatException("'_ts' is missing."));
    }

    public ClientEncryptionKey With(ReadOnlyMemory<byte> body, string etag, long timestamp)
    {
        JsonObject content = Parse(body);
        content[Created] = Parse(Document)[Created]?.DeepClone();
        return ResourceName.Of(content) == Name
            ? new ClientEncryptionKey(Name, ResourceIdText, Self, content, etag, timestamp)
            : throw new RefusedException(Errors.BadRequest("The id of a client encryption key can't be changed."));
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span) as JsonObject ?? throw new RefusedException(Errors.IdMissing);
        }
        catch (JsonException exception)
        {
            throw new RefusedException(Errors.MalformedBody("client encryption key", exception.Message));
        }
    }
}

/// <summary>The part of a container's document that says which properties clients encrypt.</summary>
internal static class EncryptionPolicy
{
    public const string Property = "clientEncryptionPolicy";

    /// <summary>Every key that the policy names must exist.</summary>
    public static void CheckKeys(JsonObject container, Database database)
    {
        foreach (JsonNode? path in container[Property]?["includedPaths"] as JsonArray ?? [])
        {
            string? key = path?["clientEncryptionKeyId"]?.ToString();
            if (key is null || database.EncryptionKeys.Find(key) is null)
            {
                throw new RefusedException(Errors.BadRequest($"ClientEncryptionKey with id '[{key}]' does not exist."));
            }
        }
    }
}
