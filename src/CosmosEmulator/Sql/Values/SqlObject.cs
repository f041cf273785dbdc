using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>A property name and its UTF-8 form, made once per query so that look-ups in stored bytes compare bytes.</summary>
internal sealed record PropertyName(string Text)
{
    public byte[] Utf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Text);
}

/// <summary>
/// An object: computed, or a slice of an item's bytes. The first look-ups scan the bytes and stop at the property; an object that
/// is asked for more is read once as a whole.
/// </summary>
internal sealed class SqlObject : IEquatable<SqlObject>, IComparable<SqlObject>
{
    private const int ScansBeforeReading = 3;

    private IReadOnlyList<KeyValuePair<string, SqlValue>>? properties;
    private int scans;

    public SqlObject(IReadOnlyList<KeyValuePair<string, SqlValue>> properties) => this.properties = properties;

    public SqlObject(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The bytes it was read from; empty when it was computed.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public IReadOnlyList<KeyValuePair<string, SqlValue>> Properties => properties ??= ReadAll();

    public SqlValue this[PropertyName name]
    {
        get
        {
            if (properties is null && scans < ScansBeforeReading)
            {
                scans++;
                return Scan(name);
            }

            foreach ((string key, SqlValue value) in Properties)
            {
                if (key == name.Text)
                {
                    return value;
                }
            }

            return SqlValue.Undefined;
        }
    }

    public bool Equals(SqlObject? other)
    {
        if (other is null || Properties.Count != other.Properties.Count)
        {
            return false;
        }

        foreach ((string name, SqlValue value) in Properties)
        {
            if (!other.Properties.Any(property => property.Key == name && property.Value == value))
            {
                return false;
            }
        }

        return true;
    }

    public int CompareTo(SqlObject? other)
    {
        KeyValuePair<string, SqlValue>[] mine = Sorted(this);
        KeyValuePair<string, SqlValue>[] theirs = other is null ? [] : Sorted(other);
        for (int i = 0; i < Math.Min(mine.Length, theirs.Length); i++)
        {
            int order = string.CompareOrdinal(mine[i].Key, theirs[i].Key);
            order = order != 0 ? order : mine[i].Value.CompareTo(theirs[i].Value);
            if (order != 0)
            {
                return order;
            }
        }

        return mine.Length.CompareTo(theirs.Length);
    }

    public override bool Equals(object? obj) => Equals(obj as SqlObject);

    public override int GetHashCode()
    {
        int hash = Properties.Count;
        foreach ((string name, SqlValue value) in Properties)
        {
            hash ^= HashCode.Combine(name, value); // The order of properties does not count.
        }

        return hash;
    }

    private static KeyValuePair<string, SqlValue>[] Sorted(SqlObject value) =>
        [.. value.Properties.OrderBy(property => property.Key, StringComparer.Ordinal)];

    private SqlValue Scan(PropertyName name)
    {
        var reader = new Utf8JsonReader(Json.Span, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(name.Utf8);
            reader.Read();
            if (found)
            {
                return JsonText.ReadValue(Json, ref reader);
            }

            reader.Skip();
        }

        return SqlValue.Undefined;
    }

    private List<KeyValuePair<string, SqlValue>> ReadAll()
    {
        var all = new List<KeyValuePair<string, SqlValue>>();
        var reader = new Utf8JsonReader(Json.Span, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString() ?? "";
            reader.Read();
            all.Add(new(name, JsonText.ReadValue(Json, ref reader)));
        }

        return all;
    }
}
