using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>
/// A kind of resource that is kept as its client wrote it: <paramref name="Segment"/> is its place in paths, <paramref name="Feed"/> the
/// member of a list. What makes its resource ids different is <paramref name="TypeBits"/>: COSMOS-PROTOCOL §7.
/// </summary>
internal sealed record KeptKind(ResourceKind Stored, string Segment, string Feed, ulong TypeBits)
{
    public static KeptKind Users { get; } = new(ResourceKind.User, "users", "Users", 0);

    public static KeptKind Permissions { get; } = new(ResourceKind.Permission, "permissions", "Permissions", 0);

    public static KeptKind StoredProcedures { get; } = new(ResourceKind.StoredProcedure, "sprocs", "StoredProcedures", 8);

    public static KeptKind Triggers { get; } = new(ResourceKind.Trigger, "triggers", "Triggers", 7);

    public static KeptKind Functions { get; } = new(ResourceKind.UserDefinedFunction, "udfs", "UserDefinedFunctions", 6);

    public static IReadOnlyList<KeptKind> All { get; } = [Users, Permissions, StoredProcedures, Triggers, Functions];

    public static KeptKind Of(string segment) => All.First(kind => kind.Segment == segment);

    /// <summary>Throws a <see cref="RefusedException"/> when something is missing that the service asks for.</summary>
    public void Check(JsonObject content)
    {
        if (this == Permissions)
        {
            CheckOneOf(content, "permissionMode", ["Read", "All"]);
            CheckText(content, "resource");
        }
        else if (this != Users)
        {
            CheckText(content, "body");
        }

        if (this == Triggers)
        {
            CheckOneOf(content, "triggerType", ["Pre", "Post"]);
            CheckOneOf(content, "triggerOperation", ["All", "Create", "Update", "Delete", "Replace", "Upsert"]);
        }
    }

    public byte[] NewResourceId(ReadOnlySpan<byte> parent)
    {
        if (this == Users)
        {
            // The top bit tells a user from a container.
            byte[] user = RandomNumberGenerator.GetBytes(4);
            user[0] &= 0x7F;
            return [.. parent, .. user];
        }

        byte[] number = RandomNumberGenerator.GetBytes(8);
        ulong value = (BinaryPrimitives.ReadUInt64LittleEndian(number) >> 4) | (TypeBits << 60);
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        return [.. parent, .. number];
    }

    private static string CheckText(JsonObject content, string member) =>
        content[member] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0
            ? text
            : throw new RefusedException(Errors.BadRequest($"The input content is invalid because the required property '{member}' is missing."));

    private static void CheckOneOf(JsonObject content, string member, string[] known)
    {
        string text = CheckText(content, member);
        if (!known.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusedException(Errors.BadRequest($"The value '{text}' of '{member}' is none of {string.Join(", ", known)}."));
        }
    }
}

/// <summary>One such resource. Immutable: a replacement keeps the resource id.</summary>
internal sealed class KeptResource
{
    private KeptResource(KeptKind kind, string resourceId, string self, JsonObject content)
    {
        Kind = kind;
        Name = ResourceName.Of(content);
        ResourceIdText = resourceId;
        Self = self;
        Document = Encoding.UTF8.GetBytes(content.ToJsonString(CompactJson.Options));
    }

    public KeptKind Kind { get; }

    public string Name { get; }

    public string ResourceIdText { get; }

    public string Self { get; }

    public byte[] Document { get; }

    public string ParentResourceId => Self.Split('/')[^4];

    public static KeptResource Create(KeptKind kind, KeptParent parent, ReadOnlyMemory<byte> body, string etag, long timestamp)
    {
        string resourceId = ResourceId.Text(kind.NewResourceId(parent.Id));
        return Of(kind, resourceId, $"{parent.Self}{kind.Segment}/{resourceId}/", body, etag, timestamp);
    }

    public static KeptResource Restore(KeptKind kind, byte[] document)
    {
        JsonObject content = Parse(document);
        string Text(string member) => (string?)content[member] ?? throw new FormatException($"'{member}' is missing.");
        return new KeptResource(kind, Text("_rid"), Text("_self"), content);
    }

    public KeptResource With(ReadOnlyMemory<byte> body, string etag, long timestamp) => Of(Kind, ResourceIdText, Self, body, etag, timestamp);

    private static KeptResource Of(KeptKind kind, string resourceId, string self, ReadOnlyMemory<byte> body, string etag, long timestamp)
    {
        JsonObject content = Parse(body);
        kind.Check(content);
        content["_rid"] = resourceId;
        content["_self"] = self;
        content["_etag"] = etag;
        content["_ts"] = timestamp;
        content.Remove("_token"); // Made anew for each answer.
        if (kind == KeptKind.Users)
        {
            content["_permissions"] = "permissions/";
        }

        return new KeptResource(kind, resourceId, self, content);
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span) as JsonObject ?? throw new RefusedException(Errors.IdMissing);
        }
        catch (JsonException exception)
        {
            throw new RefusedException(Errors.MalformedBody("resource", exception.Message));
        }
    }
}

/// <summary>What such a resource is in: a database, a container or a user.</summary>
internal readonly record struct KeptParent(byte[] Id, string ResourceIdText, string Self);
