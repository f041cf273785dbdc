using System.Buffers;
using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql.Planning;

/// <summary>What a client has to do with the results of the partitions. Mirrors the plan document of the wire.</summary>
internal sealed record QueryPlan
{
    public string DistinctType { get; init; } = "None";

    public long? Top { get; init; }

    public long? Offset { get; init; }

    public long? Limit { get; init; }

    /// <summary>Ascending or Descending, for each expression.</summary>
    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public IReadOnlyList<string> OrderByExpressions { get; init; } = [];

    public IReadOnlyList<string> GroupByExpressions { get; init; } = [];

    public IReadOnlyList<string> GroupByAliases { get; init; } = [];

    public IReadOnlyList<string> Aggregates { get; init; } = [];

    /// <summary>The aggregate of each column of a select list; a column without one maps to null.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> AliasToAggregate { get; init; } = [];

    /// <summary>What the client sends instead of the text; empty when it sends the text.</summary>
    public string RewrittenQuery { get; init; } = "";

    public bool HasSelectValue { get; init; }

    /// <summary>For the count of a DISTINCT subquery: the column's name, empty with VALUE.</summary>
    public string? DistinctCountAlias { get; init; }

    public IReadOnlyList<KeyRange> Ranges { get; init; } = [];

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("partitionedQueryExecutionInfoVersion", 2);
            WriteQueryInfo(json);
            WriteRanges(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void WriteQueryInfo(Utf8JsonWriter json)
    {
        json.WriteStartObject("queryInfo");
        json.WriteString("distinctType", DistinctType);
        WriteCount(json, "top", Top);
        WriteCount(json, "offset", Offset);
        WriteCount(json, "limit", Limit);
        WriteStrings(json, "orderBy", OrderBy);
        WriteStrings(json, "orderByExpressions", OrderByExpressions);
        WriteStrings(json, "groupByExpressions", GroupByExpressions);
        WriteStrings(json, "groupByAliases", GroupByAliases);
        WriteStrings(json, "aggregates", Aggregates);
        json.WriteStartObject("groupByAliasToAggregateType");
        foreach ((string alias, string? aggregate) in AliasToAggregate)
        {
            json.WriteString(alias, aggregate);
        }

        json.WriteEndObject();
        json.WriteString("rewrittenQuery", RewrittenQuery);
        json.WriteBoolean("hasSelectValue", HasSelectValue);
        if (DistinctCountAlias is null)
        {
            json.WriteNull("dCountInfo");
        }
        else
        {
            json.WriteStartObject("dCountInfo");
            json.WriteString("dCountAlias", DistinctCountAlias);
            json.WriteEndObject();
        }

        json.WriteBoolean("hasNonStreamingOrderBy", false);
        json.WriteEndObject();
    }

    private void WriteRanges(Utf8JsonWriter json)
    {
        json.WriteStartArray("queryRanges");
        foreach (KeyRange range in Ranges)
        {
            json.WriteStartObject();
            json.WriteString("min", range.Min);
            json.WriteString("max", range.Max);
            json.WriteBoolean("isMinInclusive", true);
            json.WriteBoolean("isMaxInclusive", range.IsMaxInclusive);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCount(Utf8JsonWriter json, string name, long? value)
    {
        if (value is long count)
        {
            json.WriteNumber(name, count);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}

/// <summary>A range of effective partition keys, from its minimum on.</summary>
internal sealed record KeyRange(string Min, string Max, bool IsMaxInclusive);
