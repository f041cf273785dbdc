using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The stored form of a commit: an item of container <c>events</c>, and a document of its change feed. Golden files pin every
/// member; a change to them is a new <see cref="Format"/>.
/// </summary>
public static class CommitItem
{
    /// <summary>The version of the item's own members. Those inside <c>data</c> have versions of their own.</summary>
    public const int Format = 1;

    // Bytes of the member names, numbers and punctuation around the texts and payloads, so that the buffer seldom has to grow.
    private const int EnvelopeBytes = 288;
    private const int EventEnvelopeBytes = 40;

    private static readonly UtcInstantConverter Instant = new();

    /// <exception cref="CommitTooLargeException">The item would exceed <see cref="Limits.MaxCommitBytes"/>.</exception>
    /// <exception cref="ArgumentException">A payload is not JSON.</exception>
    internal static MemoryStream Write(Commit commit)
    {
        long payloadBytes = PayloadBytes(commit);
        if (payloadBytes > Limits.MaxCommitBytes)
        {
            throw new CommitTooLargeException(commit.Stream, payloadBytes);
        }
        // Not from a pool: after a timeout or a cancellation the client may still be sending these bytes.
        ArrayBufferWriter<byte> buffer = new((int)payloadBytes + TextLength(commit) + EnvelopeBytes + EventEnvelopeBytes * commit.Events.Count);
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, commit);
        }
        if (buffer.WrittenCount > Limits.MaxCommitBytes)
        {
            throw new CommitTooLargeException(commit.Stream, buffer.WrittenCount);
        }
        return ItemJson.StreamOver(buffer);
    }

    /// <summary>
    /// Reads an item that a query or a change feed returned. Members that the database adds are ignored.
    /// </summary>
    /// <exception cref="CommitFormatException">The document is not a commit of a format known here.</exception>
    public static Commit Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new CommitFormatException(null, null, $"it is not an object but {item.ValueKind}");
        }
        Reader reader = new(item);
        long format = reader.Number(item, "format"u8, "format");
        if (format != Format)
        {
            throw reader.Fault($"its format is {format}; this version reads {Format}");
        }
        StreamName stream = reader.StreamName();
        long firstVersion = reader.FirstVersion();
        StoredEvent[] events = reader.Events();
        return new Commit
        {
            Stream = stream,
            FirstVersion = firstVersion,
            Events = events,
            Metadata = reader.Metadata(),
            Snapshot = reader.Snapshot(firstVersion + events.Length - 1),
        };
    }

    /// <summary>Reads a document of the change feed; what can't be read is delivered as that, under the stream it stands in.</summary>
    public static Delivery ReadDelivery(JsonElement item)
    {
        try
        {
            return Delivery.Of(Read(item));
        }
        catch (CommitFormatException e)
        {
            _ = long.TryParse(e.Id, NumberStyles.None, CultureInfo.InvariantCulture, out long firstVersion);
            return Delivery.Unreadable(e.Stream ?? "", firstVersion, e);
        }
    }

    private static long PayloadBytes(Commit commit)
    {
        long bytes = commit.Metadata.CommandData.Length + (commit.Snapshot?.Data.Length ?? 0);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            bytes += commit.Events[i].Data.Length;
        }
        return bytes;
    }

    private static int TextLength(Commit commit)
    {
        CommitMetadata metadata = commit.Metadata;
        int length = commit.Stream.Value.Length + metadata.CommandId.Length + metadata.CommandType.Length + metadata.PolicyVersion.Length
            + metadata.Actor.Length + metadata.CorrelationId.Length + (metadata.CausationId?.Length ?? 0) + (metadata.TraceParent?.Length ?? 0);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            length += commit.Events[i].Type.Length;
        }
        return length;
    }

    private static void Write(Utf8JsonWriter writer, Commit commit)
    {
        CommitMetadata metadata = commit.Metadata;
        writer.WriteStartObject();
        writer.WriteString("id"u8, Commit.IdOf(commit.FirstVersion));
        writer.WriteString("stream"u8, commit.Stream.Value);
        writer.WriteNumber("format"u8, Format);
        writer.WriteString("commandId"u8, metadata.CommandId);
        writer.WriteStartObject("command"u8);
        writer.WriteString("type"u8, metadata.CommandType);
        writer.WriteString("policy"u8, metadata.PolicyVersion);
        if (!metadata.CommandData.IsEmpty)
        {
            ItemJson.WriteRaw(writer, "data"u8, metadata.CommandData.Span, "the command");
        }
        writer.WriteEndObject();
        writer.WriteString("actor"u8, metadata.Actor);
        writer.WriteString("correlationId"u8, metadata.CorrelationId);
        if (metadata.CausationId is not null)
        {
            writer.WriteString("causationId"u8, metadata.CausationId);
        }
        if (metadata.TraceParent is not null)
        {
            writer.WriteString("traceParent"u8, metadata.TraceParent);
        }
        writer.WritePropertyName("time"u8);
        Instant.Write(writer, metadata.Timestamp, JsonSerializerOptions.Default);
        writer.WriteStartArray("events"u8);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            StoredEvent @event = commit.Events[i];
            writer.WriteStartObject();
            writer.WriteString("type"u8, @event.Type);
            writer.WriteNumber("v"u8, @event.SchemaVersion);
            ItemJson.WriteRaw(writer, "data"u8, @event.Data.Span, @event.Type);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (commit.Snapshot is { } snapshot)
        {
            writer.WriteStartObject("snapshot"u8);
            writer.WriteNumber("v"u8, snapshot.SchemaVersion);
            ItemJson.WriteRaw(writer, "data"u8, snapshot.Data.Span, "the snapshot");
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    /// <summary>Reads members and says which one is wrong. A struct, because one is needed for every commit read.</summary>
    private readonly struct Reader(JsonElement item)
    {
        public StreamName StreamName()
        {
            string text = Text(item, "stream"u8, "stream");
            int hyphen = text.IndexOf('-', StringComparison.Ordinal);
            return hyphen > 0 && EventSourcing.StreamName.TryCreate(text[..hyphen], text[(hyphen + 1)..], out StreamName? stream)
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
                CorrelationId = Text(item, "correlationId"u8, "correlationId"),
                CausationId = OptionalText("causationId"u8, "causationId"),
                TraceParent = OptionalText("traceParent"u8, "traceParent"),
                Timestamp = Time(),
            };
        }

        public StoredSnapshot? Snapshot(long version)
        {
            if (!item.TryGetProperty("snapshot"u8, out JsonElement snapshot))
            {
                return null;
            }
            return snapshot.ValueKind == JsonValueKind.Object
                ? new StoredSnapshot(version, SchemaVersion(snapshot, "snapshot.v"), Data(snapshot, "snapshot.data"))
                : throw Fault("'snapshot' is not an object");
        }

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

        private int SchemaVersion(JsonElement from, string path) =>
            Number(from, "v"u8, path) is var version and > 0 and <= int.MaxValue
                ? (int)version
                : throw Fault($"'{path}' is not a schema version");

        private byte[] Data(JsonElement from, string path) =>
            from.TryGetProperty("data"u8, out JsonElement data) ? Copy(data) : throw Fault($"'{path}' is missing");

        private DateTimeOffset Time() =>
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
}
