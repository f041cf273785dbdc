namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>An array: computed, or a slice of an item's bytes that is read when someone asks for its elements.</summary>
internal sealed class SqlArray : IEquatable<SqlArray>
{
    private IReadOnlyList<SqlValue>? items;

    public SqlArray(IReadOnlyList<SqlValue> items) => this.items = items;

    public SqlArray(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The bytes it was read from; empty when it was computed.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public IReadOnlyList<SqlValue> Items => items ??= Read(Json);

    public bool Equals(SqlArray? other)
    {
        if (other is null || Items.Count != other.Items.Count)
        {
            return false;
        }

        for (int i = 0; i < Items.Count; i++)
        {
            if (Items[i] != other.Items[i])
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as SqlArray);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (SqlValue item in Items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    private static List<SqlValue> Read(ReadOnlyMemory<byte> json)
    {
        var items = new List<SqlValue>();
        ReadOnlySpan<byte> bytes = json.Span;
        int at = JsonScanner.SkipSeparators(bytes, bytes.IndexOf((byte)'[') + 1);
        while (bytes[at] != (byte)']')
        {
            int end = JsonScanner.SkipValue(bytes, at);
            items.Add(JsonText.ReadScanned(json[at..end]));
            at = JsonScanner.SkipSeparators(bytes, end);
        }

        return items;
    }
}
