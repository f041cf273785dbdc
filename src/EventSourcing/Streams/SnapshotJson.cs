using System.Buffers;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// The stored form of a stream's snapshot: one replaceable item beside the commits, no part of their seals. It is disposable: one that
/// can't be read, is of an old schema, or does not fit the commits is ignored, and a later commit replaces it.
/// </summary>
public static class SnapshotJson
{
    /// <summary>The id of the item, one in each stream. It sorts after the id of every commit, so a read backwards begins with it.</summary>
    public const string Id = "~snapshot";

    private const int EnvelopeBytes = 250;

    private static readonly UtcInstantConverter Instant = new();

    /// <summary>Whether a document of container <c>events</c> is a snapshot, readable or not.</summary>
    public static bool IsSnapshot(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id"u8, out JsonElement id)
        && id.ValueKind == JsonValueKind.String && id.ValueEquals(Id);

    /// <summary>
    /// The item, which says where the stream ends with the last commit that it is written with. Null when it is larger than
    /// <paramref name="room"/>: one transaction has no more room than one item.
    /// </summary>
    /// <exception cref="ArgumentException">The data is not JSON.</exception>
    public static ReadOnlyMemory<byte>? Write(Commit commit, string hash, long room, StoredSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(commit);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArrayBufferWriter<byte> buffer = new(snapshot.Data.Length + commit.Stream.Value.Length + EnvelopeBytes);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Id);
            writer.WriteString("stream"u8, commit.Stream.Value);
            writer.WriteNumber("format"u8, CommitJson.Format);
            writer.WriteNumber("version"u8, snapshot.Version);
            writer.WriteString("hash"u8, hash);
            writer.WritePropertyName("time"u8);
            Instant.Write(writer, commit.Metadata.Timestamp, JsonSerializerOptions.Default);
            writer.WriteNumber("v"u8, snapshot.SchemaVersion);
            CommitJson.WriteRaw(writer, "data"u8, snapshot.Data.Span, "the snapshot");
            writer.WriteEndObject();
        }
        // Not `null : memory`, in which null would become empty memory.
        return buffer.WrittenCount > room ? default(ReadOnlyMemory<byte>?) : buffer.WrittenMemory;
    }

    /// <summary>The snapshot, and the end of the stream that it was written at. Null when the document is none that can be read.</summary>
    public static (StreamHead Head, StoredSnapshot Snapshot)? Read(JsonElement item)
    {
        if (!IsSnapshot(item))
        {
            return null;
        }
        CommitJsonReader reader = new(item);
        try
        {
            if (reader.Number(item, "format"u8, "format") != CommitJson.Format)
            {
                return null;
            }
            long version = reader.Number(item, "version"u8, "version");
            return version is > 0 and <= Limits.MaxVersion
                ? (StreamHead.SeenByStore(reader.StreamName(), version, reader.Hash(), reader.Time()),
                    new StoredSnapshot(version, reader.SchemaVersion(item, "v"), reader.Data(item, "data")))
                : null;
        }
        catch (CommitFormatException)
        {
            return null;
        }
    }
}
