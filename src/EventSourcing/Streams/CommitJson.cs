using System.Buffers;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// The stored form of a commit, in every store, feed and export: one JSON object, sealed by a hash of its canonical form that
/// takes in the hash of the commit before it. Golden files pin every member; a change to them is a new <see cref="Format"/>.
/// </summary>
public static class CommitJson
{
    /// <summary>The version of the item's own members. Those inside <c>data</c> have versions of their own.</summary>
    public const int Format = 1;

    // Bytes of the member names, numbers and punctuation around the texts and payloads, so that the buffer seldom has to grow.
    private const int EnvelopeBytes = 450;
    private const int EventEnvelopeBytes = 40;

    private static readonly UtcInstantConverter Instant = new();

    /// <summary>The item with its seal. <paramref name="previousHash"/> is that of the commit before it, null for the first.</summary>
    /// <exception cref="CommitTooLargeException">The item would exceed <see cref="Limits.MaxCommitBytes"/>.</exception>
    /// <exception cref="UnstorableDataException">A payload is not JSON, is too deep, or has no canonical form.</exception>
    public static SealedCommit Write(Commit commit, string? previousHash)
    {
        ArgumentNullException.ThrowIfNull(commit);
        long payloadBytes = PayloadBytes(commit);
        if (payloadBytes > Limits.MaxCommitBytes)
        {
            throw new CommitTooLargeException(commit.Stream, payloadBytes);
        }
        // Not from a pool: after a timeout or a cancellation the client may still be sending these bytes.
        ArrayBufferWriter<byte> buffer = new((int)payloadBytes + TextLength(commit) + EnvelopeBytes + EventEnvelopeBytes * commit.Events.Count);
        string hash = CommitSeal.Of(commit, previousHash);
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, commit, previousHash, hash);
        }
        if (buffer.WrittenCount > Limits.MaxCommitBytes)
        {
            throw new CommitTooLargeException(commit.Stream, buffer.WrittenCount);
        }
        return new SealedCommit(buffer.WrittenMemory, hash);
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
        CommitJsonReader reader = new(item);
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
            PreviousHash = reader.PreviousHash(),
            Hash = reader.Hash(),
        };
    }

    /// <summary>Reads a batch of the change feed of <c>events</c>. Snapshots, which stand beside the commits, are left out.</summary>
    public static Delivery[] ReadDeliveries(IReadOnlyList<JsonElement> items) =>
        [.. items.Where(static i => !SnapshotJson.IsSnapshot(i)).Select(ReadDelivery)];

    /// <summary>
    /// Reads a document of the change feed. One that can't be read is delivered as that, under the stream and version it stands at; one that
    /// stands at no version of any stream is stray.
    /// </summary>
    public static Delivery ReadDelivery(JsonElement item)
    {
        try
        {
            return Delivery.Of(Read(item));
        }
        catch (CommitFormatException e)
        {
            return StrayDocument.IsStreamName(e.Stream) && StrayDocument.TryReadVersion(e.Id, out long firstVersion)
                ? Delivery.Unreadable(e.Stream, firstVersion, e)
                : Delivery.Unreadable(StrayDocument.NameOf(item), firstVersion: 0, e);
        }
    }

    /// <summary>The hash that a stored item must carry; what the database adds to an item is no part of it.</summary>
    /// <exception cref="ArgumentException">The item is no object, or has no canonical form.</exception>
    public static string HashOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object ? CommitSeal.Of(item) : throw new ArgumentException($"It is not an object but {item.ValueKind}.", nameof(item));

    private static long PayloadBytes(Commit commit)
    {
        long bytes = commit.Metadata.CommandData.Length;
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
            + metadata.Actor.Length + (metadata.ActorName?.Length ?? 0) + metadata.CorrelationId.Length + (metadata.CausationId?.Length ?? 0) + (metadata.TraceParent?.Length ?? 0);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            length += commit.Events[i].Type.Length;
        }
        return length;
    }

    private static void Write(Utf8JsonWriter writer, Commit commit, string? previousHash, string hash)
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
            WriteRaw(writer, "data"u8, metadata.CommandData.Span, "the command");
        }
        writer.WriteEndObject();
        writer.WriteString("actor"u8, metadata.Actor);
        if (metadata.ActorName is not null)
        {
            writer.WriteString("actorName"u8, metadata.ActorName);
        }
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
            WriteRaw(writer, "data"u8, @event.Data.Span, @event.Type);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (previousHash is not null)
        {
            writer.WriteString("previous"u8, previousHash);
        }
        writer.WriteString("hash"u8, hash);
        writer.WriteEndObject();
    }

    // Unchecked, a payload that is not JSON could close the object around it.
    internal static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload, string owner)
    {
        writer.WritePropertyName(name);
        try
        {
            writer.WriteRawValue(payload);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The data of '{owner}' is not JSON: {e.Message}", nameof(payload), e);
        }
    }
}

/// <summary>A commit as it is stored: UTF-8 JSON, and the hash in it.</summary>
public sealed record SealedCommit(ReadOnlyMemory<byte> Json, string Hash);
