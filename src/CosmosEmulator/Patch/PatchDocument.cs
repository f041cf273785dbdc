using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.BinaryJson;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Patch;

/// <summary>A patch: operations that happen together or not at all, and a condition the item must meet. COSMOS-PROTOCOL §3.3.</summary>
internal sealed class PatchDocument : IItemPatch
{
    private static readonly JsonSerializerOptions Output = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<PatchOperation> operations;
    private readonly SqlQuery? condition;

    private PatchDocument(IReadOnlyList<PatchOperation> operations, SqlQuery? condition)
    {
        this.operations = operations;
        this.condition = condition;
    }

    /// <summary>.NET sends an object; JS sends a bare array when there is no condition.</summary>
    public static PatchDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (BinaryJsonReader.IsBinary(body.Span))
        {
            body = BinaryJsonReader.ToText(body.Span);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            JsonElement list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("operations"u8, out JsonElement member) ? member : root;
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            {
                throw Malformed("It has no operations.");
            }

            if (list.GetArrayLength() > Limits.PatchOperations)
            {
                throw new RefusedException(Errors.BadRequest(
                    $"The number of patch operations can't exceed '{Limits.PatchOperations}'."));
            }

            return new PatchDocument([.. list.EnumerateArray().Select(PatchOperation.Parse)], Condition(root));
        }
        catch (JsonException exception)
        {
            throw Malformed(exception.Message);
        }
    }

    public int OperationCount => operations.Count;

    public ItemDocument Apply(StoredItem current, ContainerDefinition definition, TimeProvider clock)
    {
        if (condition is not null && !QueryEngine.Matches(condition, current.Json, clock))
        {
            throw new RefusedException(Errors.PreconditionFailed);
        }

        JsonObject item = JsonNode.Parse(current.Json)?.AsObject() ?? throw Malformed("The item is not an object.");
        for (int i = 0; i < operations.Count; i++)
        {
            try
            {
                operations[i].Apply(item);
            }
            catch (PatchFailedException failed)
            {
                throw new RefusedException(Errors.BadRequest($"For Operation({i + 1}): {failed.Message}"));
            }
        }

        ItemDocument next = ItemDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(item, Output), definition);
        return next.Id == current.Id && next.Key.Equals(current.Partition.Key)
            ? next
            : throw new RefusedException(Errors.BadRequest("A patch can change neither the id nor the partition key of an item."));
    }

    private static SqlQuery? Condition(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("condition"u8, out JsonElement text)
            || text.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        try
        {
            return text.ValueKind == JsonValueKind.String && text.GetString() is { } condition
                ? SqlQuery.ParseCondition(condition)
                : throw Malformed("The condition is not text.");
        }
        catch (SqlException exception)
        {
            throw new RefusedException(Errors.BadRequest(exception.ErrorJson));
        }
    }

    private static RefusedException Malformed(string detail) => new(Errors.MalformedBody("patch", detail));
}
