using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Serverless.CosmosEmulator.BinaryJson;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>An item as a client sends it, read once: what storage must know of it, and its own properties ready to be stored.</summary>
internal sealed class ItemDocument
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = Limits.JsonDepth };

    private ItemDocument() { }

    public required string Id { get; init; }

    public required PartitionKey Key { get; init; }

    /// <summary>For each unique key of the container the text of its values; equal values have equal texts.</summary>
    public required string[] UniqueValues { get; init; }

    public required int? TimeToLive { get; init; }

    /// <summary>The moment its time to live counts from, in seconds since 1970, where the container takes it from a property.</summary>
    public required long? ExpiryBase { get; init; }

    /// <summary>The properties without the braces, commas between them, system properties left out.</summary>
    public required ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>Reads an item; throws <see cref="RefusedException"/> for what the service answers with 400 or 413.</summary>
    public static ItemDocument Parse(ReadOnlyMemory<byte> body, ContainerDefinition definition)
    {
        if (body.Length > Limits.ItemBytes)
        {
            throw new RefusedException(Errors.ItemTooLarge);
        }

        if (BinaryJsonReader.IsBinary(body.Span))
        {
            body = BinaryJsonReader.ToText(body.Span);
        }

        if (!Utf8.IsValid(body.Span))
        {
            throw new RefusedException(Errors.MalformedItem("The text is not UTF-8."));
        }

        try
        {
            return Read(body, definition);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is a lone surrogate in an escape.
            return LenientJson.EscapeControlCharacters(body.Span) is { } escaped
                ? Parse(escaped, definition)
                : throw new RefusedException(Errors.MalformedItem(exception.Message));
        }
    }

    /// <summary>Reads an item that was accepted once and has its system properties; throws <see cref="RefusedException"/> if it is none.</summary>
    public static ItemDocument ParseStored(ReadOnlyMemory<byte> json, ContainerDefinition definition)
    {
        try
        {
            return Read(json, definition with { DefaultTimeToLive = null }); // What it holds as "ttl" was judged then.
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new RefusedException(Errors.MalformedItem(exception.Message));
        }
    }

    private static ItemDocument Read(ReadOnlyMemory<byte> body, ContainerDefinition definition)
    {
        var reader = new Utf8JsonReader(body.Span, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new RefusedException(Errors.MalformedItem("An item is a JSON object."));
        }

        string? id = null;
        int? timeToLive = null;
        long? expiryBase = null;
        var key = new PartitionKeyComponent[definition.PartitionKeyPaths.Count];
        Array.Fill(key, PartitionKeyComponent.Undefined);
        UniqueValueReader? unique = definition.UniqueKeys.Count == 0 ? null : new UniqueValueReader(definition.UniqueKeys);
        var kept = new PropertyRuns(body);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int from = (int)reader.TokenStartIndex;
            bool isSystem = IsSystemProperty(ref reader);
            bool isId = reader.ValueTextEquals("id"u8);
            bool isTimeToLive = reader.ValueTextEquals("ttl"u8);
            Utf8JsonReader name = reader;
            reader.Read();
            if (isId)
            {
                id = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new RefusedException(Errors.IdNotText);
            }
            else if (isTimeToLive)
            {
                timeToLive = ReadTimeToLive(ref reader, required: definition.DefaultTimeToLive is not null);
            }

            if (definition.TimeToLivePath is { } start && name.ValueTextEquals(start.Root)
                && start.Read(reader).Component is NumberComponent moment)
            {
                expiryBase = (long)moment.Value;
            }

            for (int i = 0; i < key.Length; i++)
            {
                if (name.ValueTextEquals(definition.PartitionKeyPaths[i].Root))
                {
                    key[i] = definition.PartitionKeyPaths[i].Read(reader).Component;
                }
            }

            unique?.Visit(ref name, reader);
            reader.Skip();
            if (!isSystem)
            {
                kept.Add(from, (int)reader.BytesConsumed);
            }
        }

        if (reader.Read())
        {
            throw new RefusedException(Errors.MalformedItem("There is text after the item."));
        }

        CheckId(id);
        return new ItemDocument
        {
            Id = id!,
            Key = new PartitionKey(key),
            UniqueValues = unique?.Values() ?? [],
            TimeToLive = timeToLive,
            ExpiryBase = expiryBase,
            Properties = kept.ToMemory(),
        };
    }

    /// <summary>
    /// COSMOS-PROTOCOL §3.5: a backslash is refused; other bad characters only make an item unreachable by its name. The vendor's
    /// own tests create one with a slash before the backslash, so a slash is what the service seems to look at first.
    /// </summary>
    private static void CheckId(string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            throw new RefusedException(Errors.IdMissing);
        }

        if (id.Contains('\\', StringComparison.Ordinal) && !id.Contains('/', StringComparison.Ordinal))
        {
            throw new RefusedException(Errors.IdCharacters);
        }

        if (Encoding.UTF8.GetByteCount(id) > Limits.ItemIdBytes)
        {
            throw new RefusedException(Errors.IdTooLong);
        }
    }

    /// <summary>A container without time to live does not care what <c>ttl</c> holds.</summary>
    private static int? ReadTimeToLive(ref Utf8JsonReader reader, bool required)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double seconds)
            && (seconds == -1 || seconds is >= 1 and <= int.MaxValue) && seconds == Math.Floor(seconds))
        {
            return (int)seconds;
        }

        return reader.TokenType == JsonTokenType.Null || !required ? null : throw new RefusedException(Errors.TimeToLiveInvalid);
    }

    /// <summary>A client may send back what it has read, so old values of these are left out rather than refused.</summary>
    private static bool IsSystemProperty(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped && reader.ValueSpan is not [(byte)'_', ..])
        {
            return false;
        }

        return reader.ValueTextEquals("_rid"u8) || reader.ValueTextEquals("_self"u8) || reader.ValueTextEquals("_etag"u8)
            || reader.ValueTextEquals("_attachments"u8) || reader.ValueTextEquals("_ts"u8) || reader.ValueTextEquals("_lsn"u8);
    }

    /// <summary>The slices of the body to keep; neighbours that only a comma divides stay one slice.</summary>
    private struct PropertyRuns(ReadOnlyMemory<byte> body)
    {
        private List<(int Start, int End)>? earlier;
        private int start;
        private int end;

        public void Add(int from, int to)
        {
            if (end == from - 1 && end > 0)
            {
                end = to;
                return;
            }

            if (end > 0)
            {
                (earlier ??= []).Add((start, end));
            }

            (start, end) = (from, to);
        }

        public readonly ReadOnlyMemory<byte> ToMemory()
        {
            if (earlier is null)
            {
                return body[start..end];
            }

            var joined = new MemoryStream();
            foreach ((int from, int to) in earlier)
            {
                joined.Write(body.Span[from..to]);
                joined.WriteByte((byte)',');
            }

            joined.Write(body.Span[start..end]);
            return joined.ToArray();
        }
    }
}
