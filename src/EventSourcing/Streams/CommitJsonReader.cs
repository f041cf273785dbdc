using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>Reads members and says which one is wrong. A struct, because one is needed for every commit read.</summary>
internal readonly struct CommitJsonReader(JsonElement item)
{
    public StreamName StreamName()
    {
        string text = Text(item, "stream"u8, "stream");
        int hyphen = text.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0 && Serverless.EventSourcing.StreamName.TryCreate(text[..hyphen], text[(hyphen + 1)..], out StreamName? stream)
            ? stream
            : throw Fault("'stream' is not a stream name");
    }

    public long FirstVersion()
    {
        string id = Text(item, "id"u8, "id");
        return id.Length == 10 && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long version) && version > 0
            ? version
            : throw Fault("'id' is not a version in ten digits");
    }

    public StoredEvent[] Events()
    {
        if (!item.TryGetProperty("events"u8, out JsonElement array) || array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
        {
            throw Fault("'events' is not an array of at least one event");
        }
        StoredEvent[] events = new StoredEvent[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement @event in array.EnumerateArray())
        {
            if (@event.ValueKind != JsonValueKind.Object)
            {
                throw Fault($"'events[{i}]' is not an object");
            }
            events[i++] = new StoredEvent(
                Text(@event, "type"u8, "events[].type"), SchemaVersion(@event, "events[].v"), Data(@event, "events[].data"));
        }
        return events;
    }

    public CommitMetadata Metadata()
    {
        if (!item.TryGetProperty("command"u8, out JsonElement command) || command.ValueKind != JsonValueKind.Object)
        {
            throw Fault("'command' is not an object");
        }
        return new CommitMetadata
        {
            CommandId = Text(item, "commandId"u8, "commandId"),
            CommandType = Text(command, "type"u8, "command.type"),
            PolicyVersion = Text(command, "policy"u8, "command.policy"),
            CommandData = command.TryGetProperty("data"u8, out JsonElement data) ? Copy(data) : default,
            Actor = Text(item, "actor"u8, "actor"),
            ActorName = OptionalText("actorName"u8, "actorName"),
            CorrelationId = Text(item, "correlationId"u8, "correlationId"),
            CausationId = OptionalText("causationId"u8, "causationId"),
            TraceParent = OptionalText("traceParent"u8, "traceParent"),
            Timestamp = Time(),
        };
    }

    public string? Hash() => OptionalText("hash"u8, "hash");

    public string? PreviousHash() => OptionalText("previous"u8, "previous");

    public long Number(JsonElement from, ReadOnlySpan<byte> name, string path) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number
            : throw Fault($"'{path}' is not a whole number");

    public CommitFormatException Fault(string reason) =>
        new(LenientText("id"u8), LenientText("stream"u8), reason);

    private string Text(JsonElement from, ReadOnlySpan<byte> name, string path) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw Fault($"'{path}' is not a string");

    private string? OptionalText(ReadOnlySpan<byte> name, string path) =>
        !item.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Fault($"'{path}' is not a string");

    public int SchemaVersion(JsonElement from, string path) =>
        Number(from, "v"u8, path) is var version and > 0 and <= int.MaxValue
            ? (int)version
            : throw Fault($"'{path}' is not a schema version");

    public byte[] Data(JsonElement from, string path) =>
        from.TryGetProperty("data"u8, out JsonElement data) ? Copy(data) : throw Fault($"'{path}' is missing");

    public DateTimeOffset Time() =>
        item.TryGetProperty("time"u8, out JsonElement value) && value.ValueKind == JsonValueKind.String
        && value.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time.ToUniversalTime()
            : throw Fault("'time' is not an instant");

    private string? LenientText(ReadOnlySpan<byte> name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    // The document's memory goes back to a pool; a commit may be kept for long.
    private static byte[] Copy(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();
}
