using System.Text.Json;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>The parameters of a request by name. One that is not given is undefined.</summary>
internal static class Parameters
{
    public static IReadOnlyDictionary<string, SqlValue> Read(JsonElement parameters)
    {
        var values = new Dictionary<string, SqlValue>();
        if (parameters.ValueKind != JsonValueKind.Array)
        {
            return values;
        }

        foreach (JsonElement parameter in parameters.EnumerateArray())
        {
            string name = parameter.ValueKind == JsonValueKind.Object && parameter.TryGetProperty("name", out JsonElement given)
                && given.ValueKind == JsonValueKind.String ? given.GetString() ?? "" : "";
            if (name.Length < 2 || name[0] != '@')
            {
                throw SqlException.Plan(
                    $"Invalid query. Specified parameter name '{name}' is invalid. Parameter names should be in the format of symbol "
                    + "'@' followed by a valid identifier. E.g. @param1");
            }

            SqlValue value = parameter.TryGetProperty("value", out JsonElement element) ? JsonText.Read(element) : default;
            if (!values.TryAdd(name[1..], value))
            {
                throw SqlException.Plan($"Invalid query. Specified duplicate parameter name '{name}'.");
            }
        }

        return values;
    }

    /// <summary>TOP's count.</summary>
    public static long? Top(Query query, IReadOnlyDictionary<string, SqlValue> parameters) => query.Select.Top is Count top
        ? Resolve(top, parameters) ?? throw top.Span.Error("SC2060", "The count value provided for a TOP clause must be an integer.")
        : null;

    /// <summary>OFFSET's and LIMIT's counts.</summary>
    public static (long Offset, long Limit)? Page(Query query, IReadOnlyDictionary<string, SqlValue> parameters)
    {
        if (query.OffsetLimit is not OffsetLimit page)
        {
            return null;
        }

        long offset = Resolve(page.Offset, parameters)
            ?? throw page.Offset.Span.Error("SC2062", "The OFFSET count value exceeds the maximum allowed value.");
        long limit = Resolve(page.Limit, parameters)
            ?? throw page.Limit.Span.Error("SC2061", "The LIMIT count value exceeds the maximum allowed value.");
        return (offset, limit);
    }

    private static long? Resolve(Count count, IReadOnlyDictionary<string, SqlValue> parameters)
    {
        SqlValue value = count switch
        {
            CountLiteral literal => SqlValue.Of(literal.Value),
            CountParameter parameter => parameters.GetValueOrDefault(parameter.Name),
            _ => default,
        };
        return value.IsNumber && value.Number.TryGetIntegral(out long number) && number is >= 0 and <= uint.MaxValue ? number : null;
    }
}
