using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// The hash that seals a commit: SHA-256, in lower-case hexadecimal, of the canonical form of its stored item without the seal itself and
/// without what the database adds. The hash of the commit before it is a part of that, so no commit of a stream can be changed, taken
/// out or put in without breaking the chain behind it.
/// </summary>
internal static class CommitSeal
{
    private const int FirstBufferBytes = 4 * 1024;
    private const int MaxKeptBufferBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? kept;

    /// <summary>Writes the canonical form directly: the same bytes as those of the item, member by member in the order of their names.</summary>
    /// <exception cref="UnstorableDataException">A payload is not JSON, is too deep, or has no canonical form.</exception>
    public static string Of(Commit commit, string? previousHash)
    {
        ArrayBufferWriter<byte> buffer = Rent();
        CommitMetadata metadata = commit.Metadata;
        buffer.Write("{\"actor\":"u8);
        Text(buffer, metadata.Actor);
        if (metadata.ActorName is { } actorName)
        {
            buffer.Write(",\"actorName\":"u8);
            Text(buffer, actorName);
        }
        if (metadata.CausationId is { } causationId)
        {
            buffer.Write(",\"causationId\":"u8);
            Text(buffer, causationId);
        }
        buffer.Write(",\"command\":{"u8);
        if (!metadata.CommandData.IsEmpty)
        {
            buffer.Write("\"data\":"u8);
            Payload(buffer, metadata.CommandData, "the command");
            buffer.Write(","u8);
        }
        buffer.Write("\"policy\":"u8);
        Text(buffer, metadata.PolicyVersion);
        buffer.Write(",\"type\":"u8);
        Text(buffer, metadata.CommandType);
        buffer.Write("},\"commandId\":"u8);
        Text(buffer, metadata.CommandId);
        buffer.Write(",\"correlationId\":"u8);
        Text(buffer, metadata.CorrelationId);
        buffer.Write(",\"events\":["u8);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            StoredEvent @event = commit.Events[i];
            buffer.Write(i == 0 ? "{\"data\":"u8 : ",{\"data\":"u8);
            Payload(buffer, @event.Data, @event.Type);
            buffer.Write(",\"type\":"u8);
            Text(buffer, @event.Type);
            buffer.Write(",\"v\":"u8);
            Number(buffer, @event.SchemaVersion);
            buffer.Write("}"u8);
        }
        buffer.Write("],\"format\":"u8);
        Number(buffer, CommitJson.Format);
        buffer.Write(",\"id\":"u8);
        Text(buffer, Commit.IdOf(commit.FirstVersion));
        if (previousHash is not null)
        {
            buffer.Write(",\"previous\":"u8);
            Text(buffer, previousHash);
        }
        buffer.Write(",\"stream\":"u8);
        Text(buffer, commit.Stream.Value);
        buffer.Write(",\"time\":"u8);
        Span<char> time = stackalloc char[UtcInstantConverter.MaxLength];
        CanonicalJson.WriteString(buffer, time[..UtcInstantConverter.FormatTo(time, metadata.Timestamp)]);
        if (metadata.TraceParent is { } traceParent)
        {
            buffer.Write(",\"traceParent\":"u8);
            Text(buffer, traceParent);
        }
        buffer.Write("}"u8);
        return HashOf(buffer);
    }

    /// <summary>The seal that a stored item must have.</summary>
    /// <exception cref="ArgumentException">The item has no canonical form.</exception>
    public static string Of(JsonElement item)
    {
        ArrayBufferWriter<byte> buffer = Rent();
        CanonicalJson.WriteObject(buffer, item, static m => m.NameEquals("hash"u8) || IsSystemMember(m));
        return HashOf(buffer);
    }

    // What the database adds begins with an underscore, and nothing of ours does.
    private static bool IsSystemMember(JsonProperty member) => member.Name.StartsWith('_');

    private static string HashOf(ArrayBufferWriter<byte> canonical)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(canonical.WrittenSpan, hash);
        if (canonical.Capacity > MaxKeptBufferBytes)
        {
            kept = null;
        }
        return Convert.ToHexStringLower(hash);
    }

    private static ArrayBufferWriter<byte> Rent()
    {
        kept ??= new ArrayBufferWriter<byte>(FirstBufferBytes);
        kept.ResetWrittenCount();
        return kept;
    }

    private static void Text(ArrayBufferWriter<byte> buffer, string text) => CanonicalJson.WriteString(buffer, text, replaceInvalid: true);

    private static void Number(ArrayBufferWriter<byte> buffer, int number)
    {
        Span<byte> target = buffer.GetSpan(11);
        number.TryFormat(target, out int written, provider: CultureInfo.InvariantCulture);
        buffer.Advance(written);
    }

    private static void Payload(ArrayBufferWriter<byte> buffer, ReadOnlyMemory<byte> json, string owner)
    {
        try
        {
            CanonicalJson.Write(buffer, json);
        }
        catch (ArgumentException e)
        {
            throw new UnstorableDataException(owner, e.Message, e);
        }
    }
}
