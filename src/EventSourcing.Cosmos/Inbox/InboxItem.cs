using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The stored form of a command that waits or has waited: an item of container <c>commands</c>, and a document of its change feed.
/// Golden files pin every member; a change to them is a new <see cref="Format"/>.
/// </summary>
public static class InboxItem
{
    /// <summary>The version of the item's own members.</summary>
    public const int Format = 1;

    /// <summary>The id of a stream's backlog. No command has it: with a tilde begin only hashes.</summary>
    internal const string BacklogId = "~backlog";

    /// <summary>The type of a command in a list whose item can't be read.</summary>
    internal const string Unreadable = "unreadable";

    /// <summary>The position from which on every change of a stream is read.</summary>
    internal const string Start = Since + "0";

    private const string Since = "since:";
    private const string Token = "token:";

    // Changes of the same second stand before the one that is wanted; and whether "since" includes its second is the service's to say.
    private const int SecondsBefore = 2;

    private static readonly StreamName UnknownStream = StreamName.Create("unknown", "unknown");

    /// <summary>Reads a document of the change feed; null when it is nothing that an inbox holds.</summary>
    public static InboxChange? ReadChange(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object
            || Text(item, "id"u8) is not { } id
            || StreamOf(Text(item, "stream"u8)) is not { } stream
            || !item.TryGetProperty("_ts"u8, out JsonElement ts) || !ts.TryGetInt64(out long seconds)
            || !item.TryGetProperty("format"u8, out JsonElement format) || !format.TryGetInt64(out long version) || version != Format)
        {
            return null;
        }
        InboxChangeKind? kind = (id, Text(item, "status"u8)) switch
        {
            (BacklogId, _) => InboxChangeKind.Backlog,
            (_, "pending") => InboxChangeKind.Pending,
            (_, "accepted" or "rejected" or "failed") => InboxChangeKind.Settled,
            _ => null,
        };
        return kind is { } known
            ? new InboxChange(
                stream, id, known, string.Create(CultureInfo.InvariantCulture, $"{Since}{seconds - SecondsBefore}"), DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;
    }

    internal static string WordOf(InboxStatus status) => status switch
    {
        InboxStatus.Pending => "pending",
        InboxStatus.Accepted => "accepted",
        InboxStatus.Rejected => "rejected",
        InboxStatus.Failed => "failed",
        _ => throw new System.Diagnostics.UnreachableException($"No word for {status}."),
    };

    internal static string PositionAfter(string continuation) => Token + continuation;

    /// <summary>A position is a time at first, and the continuation of a reading from then on.</summary>
    internal static (DateTime? Since, string? Continuation) ReadPosition(string position) =>
        position.StartsWith(Token, StringComparison.Ordinal) ? (null, position[Token.Length..])
        : position.StartsWith(Since, StringComparison.Ordinal)
            && long.TryParse(position.AsSpan(Since.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds)
            ? (DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime, null)
        : throw new ArgumentException($"'{position}' is not a position in an inbox.", nameof(position));

    internal static MemoryStream Write(InboxCommand command, InboxKeys keys, InboxOutcome? outcome = null, TimeSpan? keep = null)
    {
        using JsonDocument data = JsonDocument.Parse(command.CommandData);
        CommandItem item = new()
        {
            Id = command.Id,
            Stream = command.Stream.Value,
            Format = Format,
            Status = outcome?.Status ?? InboxStatus.Pending,
            CommandId = command.CommandId,
            Command = new CommandPart(command.CommandType, data.RootElement),
            ExpectedVersion = command.ExpectedVersion,
            Actor = command.Actor,
            ActorName = command.ActorName,
            CorrelationId = command.CorrelationId,
            TraceParent = command.TraceParent,
            Received = command.ReceivedAt,
            Outcome = outcome is null ? null : OutcomePart.Of(outcome),
            Ttl = keep is { } time ? (int)Math.Min(int.MaxValue, Math.Ceiling(time.TotalSeconds)) : null,
        };
        item = item with { Mac = keys.MacOf(HashOf(item)) };
        return new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(item, InboxItemJson.Default.CommandItem));
    }

    internal static InboxCommand Read(JsonElement element, InboxKeys keys)
    {
        CommandItem item = element.Deserialize(InboxItemJson.Default.CommandItem)!;
        bool isForged = !IsAuthentic(item, keys);
        return new InboxCommand
        {
            Stream = StreamName.Parse(item.Stream),
            CommandId = item.CommandId,
            CommandType = item.Command.Type,
            // The document's memory goes back to a pool.
            CommandData = JsonMarshal.GetRawUtf8Value(item.Command.Data).ToArray(),
            ExpectedVersion = item.ExpectedVersion,
            Actor = item.Actor,
            ActorName = item.ActorName,
            CorrelationId = item.CorrelationId,
            TraceParent = item.TraceParent,
            ReceivedAt = item.Received,
            Outcome = item.Status == InboxStatus.Pending ? null : isForged ? InboxOutcome.Forged(item.Received) : item.Outcome?.ToOutcome(item.Status),
            IsForged = isForged,
            ETag = element.GetProperty("_etag"u8).GetString(),
        };
    }

    internal static MemoryStream Write(InboxBacklog backlog) => new(JsonSerializer.SerializeToUtf8Bytes(
        new BacklogItem(BacklogId, backlog.Stream.Value, Format, backlog.Position, backlog.Since), InboxItemJson.Default.BacklogItem));

    /// <summary>
    /// A backlog that can't be read begins at the start of its stream: what is settled is passed over, and nothing that waits is lost.
    /// </summary>
    internal static InboxBacklog ReadBacklog(JsonElement element)
    {
        BacklogItem? item = null;
        try
        {
            item = element.Deserialize(InboxItemJson.Default.BacklogItem);
        }
        catch (JsonException)
        {
        }
        return new InboxBacklog
        {
            Stream = StreamOf(Text(element, "stream"u8)) ?? throw new JsonException("The backlog names no stream."),
            Position = item?.Position is { } position && IsPosition(position) ? position : Start,
            Since = item?.Since ?? WrittenAt(element),
            ETag = element.GetProperty("_etag"u8).GetString(),
        };
    }

    private static bool IsAuthentic(CommandItem item, InboxKeys keys)
    {
        try
        {
            return keys.IsMac(item.Mac, HashOf(item));
        }
        catch (ArgumentException)
        {
            return false; // It has no canonical form, so it was never authenticated.
        }
    }

    /// <summary>Of all that is stored: of the canonical form, because the database may write numbers in another way.</summary>
    private static string HashOf(CommandItem item) =>
        CommitJson.HashOf(JsonSerializer.SerializeToElement(item with { Mac = null }, InboxItemJson.Default.CommandItem));

    /// <summary>For lists: an item that can't be read is shown with what can be read of it, so that somebody finds it.</summary>
    internal static InboxCommand ReadListed(JsonElement element, InboxKeys keys)
    {
        try
        {
            return Read(element, keys);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return new InboxCommand
            {
                Stream = StreamOf(Text(element, "stream"u8)) ?? UnknownStream,
                CommandId = Text(element, "commandId"u8) ?? Text(element, "id"u8)!,
                CommandType = Unreadable,
                CommandData = "null"u8.ToArray(),
                Actor = "",
                CorrelationId = "",
                ReceivedAt = WrittenAt(element),
            };
        }
    }

    private static bool IsPosition(string text) =>
        text.StartsWith(Token, StringComparison.Ordinal)
        || (text.StartsWith(Since, StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(Since.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));

    private static DateTimeOffset WrittenAt(JsonElement item) => DateTimeOffset.FromUnixTimeSeconds(item.GetProperty("_ts"u8).GetInt64());

    private static string? Text(JsonElement item, ReadOnlySpan<byte> name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static StreamName? StreamOf(string? text) =>
        text?.IndexOf('-', StringComparison.Ordinal) is > 0 and int hyphen
        && StreamName.TryCreate(text[..hyphen], text[(hyphen + 1)..], out StreamName? stream)
            ? stream
            : null;

    internal sealed record CommandItem
    {
        public required string Id { get; init; }

        public required string Stream { get; init; }

        public required int Format { get; init; }

        public required InboxStatus Status { get; init; }

        public required string CommandId { get; init; }

        public required CommandPart Command { get; init; }

        public long? ExpectedVersion { get; init; }

        public required string Actor { get; init; }

        public string? ActorName { get; init; }

        public required string CorrelationId { get; init; }

        public string? TraceParent { get; init; }

        public required DateTimeOffset Received { get; init; }

        public OutcomePart? Outcome { get; init; }

        /// <summary>Seconds; the database deletes the item when they are over.</summary>
        public int? Ttl { get; init; }

        /// <summary>The HMAC of all the other members; see <see cref="InboxKeys"/>.</summary>
        public string? Mac { get; init; }
    }

    internal sealed record CommandPart(string Type, JsonElement Data);

    internal sealed record OutcomePart
    {
        public required DateTimeOffset Decided { get; init; }

        public long? Version { get; init; }

        public long? FirstVersion { get; init; }

        public bool? Repeated { get; init; }

        public string? Code { get; init; }

        public string? Message { get; init; }

        public double RequestCharge { get; init; }

        public static OutcomePart Of(InboxOutcome outcome) => new()
        {
            Decided = outcome.DecidedAt,
            Version = outcome.Version,
            FirstVersion = outcome.FirstVersion,
            Repeated = outcome.WasRepeated ? true : null,
            Code = outcome.Reason?.Code,
            Message = outcome.Reason?.Message,
            RequestCharge = outcome.RequestCharge,
        };

        public InboxOutcome ToOutcome(InboxStatus status) => new()
        {
            Status = status,
            DecidedAt = Decided,
            Version = Version,
            FirstVersion = FirstVersion,
            WasRepeated = Repeated ?? false,
            Reason = Code is null ? null : new Rejection(Code, Message ?? ""),
            RequestCharge = RequestCharge,
        };
    }

    internal sealed record BacklogItem(string Id, string Stream, int Format, string Position, DateTimeOffset Since);
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(UtcInstantConverter), typeof(InboxStatusConverter)])]
[JsonSerializable(typeof(InboxItem.CommandItem))]
[JsonSerializable(typeof(InboxItem.BacklogItem))]
internal sealed partial class InboxItemJson : JsonSerializerContext;

internal sealed class InboxStatusConverter()
    : JsonStringEnumConverter<InboxStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
