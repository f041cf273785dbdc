using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// Where the next page starts: how many results came before (OFFSET and TOP count them) and the position of the last one. The
/// position is absolute, so a resume filter or new items don't shift it. As text it is short, plain ASCII without quotes:
/// <c>seen.number.ordinal</c>, and the order values as Base64 of JSON when there are any.
/// </summary>
internal sealed record ContinuationToken(long Seen, Position Last)
{
    public static ContinuationToken Parse(string text, int keys)
    {
        string[] parts = text.Split('.');
        if (parts.Length == (keys > 0 ? 4 : 3)
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long seen)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long ordinal)
            && TryReadKeys(keys > 0 ? parts[3] : null, keys, out IReadOnlyList<OrderKey> values))
        {
            return new(seen, new(values, number, ordinal));
        }

        throw SqlErrors.InvalidContinuation();
    }

    public override string ToString()
    {
        string position = string.Create(CultureInfo.InvariantCulture, $"{Seen}.{Last.Number}.{Last.Ordinal}");
        if (Last.Keys.Count == 0)
        {
            return position;
        }

        SqlValue keys = SqlValue.ArrayOf([.. Last.Keys.Select(WriteKey)]);
        return $"{position}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonText.Write(keys)))}";
    }

    private static bool TryReadKeys(string? text, int count, out IReadOnlyList<OrderKey> keys)
    {
        keys = [];
        if (text is null)
        {
            return count == 0;
        }

        if (!Base64Url.IsValid(text)
            || !JsonText.TryParse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)), out SqlValue value)
            || value.Kind != SqlKind.Array
            || value.Array.Items.Count != count)
        {
            return false;
        }

        var read = new List<OrderKey>();
        foreach (SqlValue item in value.Array.Items)
        {
            if (ReadKey(item) is not OrderKey key)
            {
                return false;
            }

            read.Add(key);
        }

        keys = read;
        return true;
    }

    // Undefined has no JSON, so each value is an array: of nothing, of the value, or of the kind and the hash of a complex one.
    private static SqlValue WriteKey(OrderKey key) => SqlValue.ArrayOf(
        key.IsComplex ? [SqlValue.Of(key.Kind.ToString()), SqlValue.Of(key.Hash.ToString("x", CultureInfo.InvariantCulture))]
        : key.Value.IsUndefined ? []
        : [key.Value]);

    private static OrderKey? ReadKey(SqlValue written) => written.Kind != SqlKind.Array ? null : written.Array.Items switch
    {
        [] => default(OrderKey),
        [{ IsPrimitive: true } value] => new OrderKey(value),
        [{ IsString: true } kind, { IsString: true } hash]
            when Enum.TryParse(kind.String, out SqlKind complex) && complex is SqlKind.Array or SqlKind.Object
                && UInt128.TryParse(hash.String, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 number) =>
            new OrderKey(complex, number),
        _ => null,
    };
}
