using System.Text.Json;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// The <c>resumeFilter</c> of a request: only results at or after these order values (strictly after with <c>exclude</c>), and among
/// equal ones, when a resource id is given, only items that don't come before it.
/// </summary>
internal sealed class ResumeFilter
{
    private readonly IReadOnlyList<OrderKey> values;
    private readonly ulong? number;
    private readonly bool excludes;
    private readonly PositionOrder order;

    private ResumeFilter(IReadOnlyList<OrderKey> values, ulong? number, bool excludes, PositionOrder order)
    {
        this.values = values;
        this.number = number;
        this.excludes = excludes;
        this.order = order;
    }

    /// <summary>The values where it starts.</summary>
    public IReadOnlyList<OrderKey> Values => values;

    public static ResumeFilter Parse(JsonElement filter, int keys, PositionOrder order)
    {
        if (filter.ValueKind != JsonValueKind.Object
            || !filter.TryGetProperty("value", out JsonElement values)
            || values.ValueKind != JsonValueKind.Array
            || values.GetArrayLength() != keys)
        {
            throw SqlException.Plan("Invalid resumeFilter: it needs one value for each ORDER BY expression.");
        }

        ulong? number = filter.TryGetProperty("rid", out JsonElement rid) && rid.ValueKind == JsonValueKind.String
            ? ReadNumber(rid.GetString() ?? "")
            : null;
        bool excludes = filter.TryGetProperty("exclude", out JsonElement exclude) && exclude.ValueKind == JsonValueKind.True;
        return new([.. values.EnumerateArray().Select(ReadValue)], number, excludes, order);
    }

    public bool Admits(IReadOnlyList<OrderKey> keys, ulong item)
    {
        int comparison = order.CompareKeys(keys, values);
        return comparison > 0
            || (comparison == 0 && !excludes && (number is not ulong first || order.CompareNumbers(item, first) >= 0));
    }

    // Undefined is an empty array; of arrays and objects only the hash is sent: {"type":"array","low":1,"high":2}.
    private static OrderKey ReadValue(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array when value.GetArrayLength() == 0:
                return default;
            case JsonValueKind.Object when value.TryGetProperty("type", out JsonElement type)
                && value.TryGetProperty("low", out JsonElement low) && low.TryGetInt64(out long lowHalf)
                && value.TryGetProperty("high", out JsonElement high) && high.TryGetInt64(out long highHalf):
                SqlKind kind = type.ValueEquals("array") ? SqlKind.Array : SqlKind.Object;
                return new(kind, OrderHash.FromHalves(unchecked((ulong)lowHalf), unchecked((ulong)highHalf)));
            case JsonValueKind.Array or JsonValueKind.Object:
                throw SqlException.Plan("Invalid resumeFilter: a value is a primitive, an empty array, or the hash of an array or object.");
            default:
                return new(JsonText.Read(value));
        }
    }

    private static ulong ReadNumber(string rid) => ItemNumber.TryRead(rid, out ulong number)
        ? number
        : throw SqlException.Plan($"Invalid resumeFilter: '{rid}' is not the resource id of an item.");
}
