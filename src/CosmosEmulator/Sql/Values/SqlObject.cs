using System.Text;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>A property name and its UTF-8 form, made once per query so that look-ups in stored bytes compare bytes.</summary>
internal sealed record PropertyName(string Text)
{
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Text);
}

/// <summary>
/// An object: computed, or a slice of an item's bytes. A look-up scans the bytes up to the property and no further; the next one
/// goes on from there, so all of them together read the bytes once.
/// </summary>
internal sealed class SqlObject : IEquatable<SqlObject>
{
    private IReadOnlyList<KeyValuePair<string, SqlValue>>? properties;
    private PropertyName? lastName;
    private SqlValue lastValue;
    private List<ScannedProperty>? scanned;
    private int scannedTo;

    public SqlObject(IReadOnlyList<KeyValuePair<string, SqlValue>> properties) => this.properties = properties;

    public SqlObject(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The bytes it was read from; empty when it was computed.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public IReadOnlyList<KeyValuePair<string, SqlValue>> Properties => properties ??= ReadAll();

    public SqlValue this[PropertyName name]
    {
        get
        {
            if (lastName is null || lastName.Text != name.Text)
            {
                lastValue = properties is null ? Scan(name) : Find(properties, name.Text);
                lastName = name;
            }

            return lastValue;
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

    private static SqlValue Find(IReadOnlyList<KeyValuePair<string, SqlValue>> properties, string name)
    {
        foreach ((string key, SqlValue value) in properties)
        {
            if (key == name)
            {
                return value;
            }
        }

        return SqlValue.Undefined;
    }

    private SqlValue Scan(PropertyName name)
    {
        // The first look-up keeps no list: often, as with an id at the front, it is the only one.
        bool keepsList = lastName is not null;
        for (int i = 0; i < scanned?.Count; i++)
        {
            if (scanned[i].Is(name, Json.Span))
            {
                return Value(i);
            }
        }

        int at = scannedTo;
        while (Next(ref at) is ScannedProperty property)
        {
            if (keepsList)
            {
                (scanned ??= []).Add(property);
                scannedTo = at;
            }

            if (property.Is(name, Json.Span))
            {
                return keepsList && scanned is not null ? Value(scanned.Count - 1) : JsonText.ReadScanned(Json[property.ValueStart..property.ValueEnd]);
            }
        }

        return SqlValue.Undefined;
    }

    private SqlValue Value(int index)
    {
        ScannedProperty property = (scanned ?? [])[index];
        if (property.Value.IsUndefined)
        {
            property = property with { Value = JsonText.ReadScanned(Json[property.ValueStart..property.ValueEnd]) };
            (scanned ?? [])[index] = property;
        }

        return property.Value;
    }

    private ScannedProperty? Next(ref int at)
    {
        ReadOnlySpan<byte> json = Json.Span;
        at = JsonScanner.SkipSeparators(json, at == 0 ? json.IndexOf((byte)'{') + 1 : at);
        if (json[at] == (byte)'}')
        {
            return null;
        }

        int nameStart = at;
        int nameEnd = JsonScanner.SkipString(json, at);
        int valueStart = JsonScanner.SkipSeparators(json, nameEnd);
        at = JsonScanner.SkipValue(json, valueStart);
        return new(nameStart, nameEnd, valueStart, at, SqlValue.Undefined);
    }

    private List<KeyValuePair<string, SqlValue>> ReadAll()
    {
        var all = new List<KeyValuePair<string, SqlValue>>();
        int at = 0;
        while (Next(ref at) is ScannedProperty property)
        {
            string name = JsonText.ReadScanned(Json[property.NameStart..property.NameEnd]).String;
            all.Add(new(name, JsonText.ReadScanned(Json[property.ValueStart..property.ValueEnd])));
        }

        return all;
    }

    /// <summary>Where a property stands, quotes of the name included, and its value once someone asked for it.</summary>
    private readonly record struct ScannedProperty(int NameStart, int NameEnd, int ValueStart, int ValueEnd, SqlValue Value)
    {
        public bool Is(PropertyName name, ReadOnlySpan<byte> json)
        {
            ReadOnlySpan<byte> written = json[(NameStart + 1)..(NameEnd - 1)];
            return written.SequenceEqual(name.Utf8)
                || (written.Contains((byte)'\\') && JsonText.Unescape(json[NameStart..NameEnd]) == name.Text);
        }
    }
}
