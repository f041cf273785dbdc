using System.Text;
using System.Text.Json;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>Runs queries over items in memory, whole or page by page.</summary>
internal static class SqlRunner
{
    /// <summary>The items of <c>Cases/items.json</c>, numbered from 1 in their order.</summary>
    public static IReadOnlyList<SqlRow> Items { get; } = Rows(File.ReadAllText(CaseFile.PathOf("items.json")));

    public static IReadOnlyList<SqlRow> Rows(string jsonArray)
    {
        using JsonDocument document = JsonDocument.Parse(jsonArray);
        return [.. document.RootElement.EnumerateArray().Select((item, i) => new SqlRow((ulong)i + 1, Encoding.UTF8.GetBytes(item.GetRawText())))];
    }

    /// <summary>All results of a query, without its pages.</summary>
    public static IReadOnlyList<string> Run(string query, IReadOnlyList<SqlRow>? rows = null, string? parameters = null) =>
        [.. Page(query, rows, parameters).Documents.Select(Text)];

    public static QueryPage Page(
        string query,
        IReadOnlyList<SqlRow>? rows = null,
        string? parameters = null,
        int maxItems = -1,
        string? continuation = null,
        string? resumeFilter = null)
    {
        JsonElement values = parameters is null ? default : JsonSerializer.Deserialize<JsonElement>(parameters);
        JsonElement? filter = resumeFilter is null ? null : JsonSerializer.Deserialize<JsonElement>(resumeFilter);
        return QueryEngine.Execute(
            new QueryRequest(SqlQuery.Parse(query, values), values, maxItems, continuation, filter, -1), new MemoryRows(rows ?? Items));
    }

    /// <summary>A line of a case file: a query, or a query and its parameters: <c>... WHERE c.n = @n | [{"name":"@n","value":1}]</c>.</summary>
    public static (string Query, string? Parameters) Split(string line)
    {
        int bar = line.IndexOf(" | [{", StringComparison.Ordinal);
        return bar < 0 ? (line, null) : (line[..bar], line[(bar + 3)..]);
    }

    public static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    /// <summary>JSON in one form, so that two texts can be compared: no blanks, properties in the order of their names.</summary>
    public static string Canonical(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new() { MaxDepth = 512 });
        return Canonical(document.RootElement);
    }

    private static string Canonical(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => JsonSerializer.Serialize(p.Name) + ":" + Canonical(p.Value))) + "}",
        JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.String => JsonSerializer.Serialize(element.GetString()),
        _ => element.GetRawText(),
    };
}

/// <summary>A row source that does what the contract says and nothing more: order and ranges, but every other row of them.</summary>
internal sealed class MemoryRows(IReadOnlyList<SqlRow> rows) : IRowSource
{
    /// <summary>What the engine asked for last.</summary>
    public RowAccess? Asked { get; private set; }

    public int Pulled { get; private set; }

    public IEnumerable<SqlRow> Rows(RowAccess access)
    {
        Asked = access;
        IEnumerable<(SqlRow Row, JsonElement Item)> found = rows.Select(row => (row, JsonSerializer.Deserialize<JsonElement>(row.Json.Span)));
        found = access.Order switch
        {
            RowOrder.ById => found.OrderBy(entry => Id(entry.Item), StringComparer.Ordinal).ThenBy(entry => entry.Row.Number),
            RowOrder.ByIdDescending => found.OrderByDescending(entry => Id(entry.Item), StringComparer.Ordinal)
                .ThenByDescending(entry => entry.Row.Number),
            _ => found.OrderBy(entry => entry.Row.Number).Where(entry => entry.Row.Number >= access.FromNumber),
        };
        return found.Where(entry => access.Alternatives.Count == 0 || access.Alternatives.Any(a => Matches(a, entry.Item))).Select(entry =>
        {
            Pulled++;
            return entry.Row;
        });
    }

    private static string Id(JsonElement item) => item.GetProperty("id").GetString() ?? "";

    private static bool Matches(RowAlternative wanted, JsonElement item) =>
        (wanted.Ids is null || InRange(wanted.Ids, Id(item)))
        && (wanted.EqualPath is null || (Find(item, wanted.EqualPath) is JsonElement value
            && JsonElement.DeepEquals(value, wanted.EqualValue ?? default)));

    private static bool InRange(IdRange range, string id)
    {
        int from = range.From is null ? 1 : string.CompareOrdinal(id, range.From);
        int to = range.To is null ? -1 : string.CompareOrdinal(id, range.To);
        return (from > 0 || (from == 0 && range.FromInclusive)) && (to < 0 || (to == 0 && range.ToInclusive));
    }

    private static JsonElement? Find(JsonElement item, string path)
    {
        JsonElement current = item;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (current.ValueKind != JsonValueKind.Object || !current.TryGetProperty(name, out current))
            {
                return null;
            }
        }

        return current;
    }
}
