using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The stored form of a refused command: an item of container <c>refused</c>. A golden file pins every member; a change to them is a new
/// <see cref="Format"/>.
/// </summary>
internal static class RefusedItem
{
    /// <summary>The version of the item's own members.</summary>
    public const int Format = 1;

    public static MemoryStream Write(RefusedCommand command, TimeSpan keep)
    {
        CommitMetadata metadata = command.Metadata;
        using JsonDocument? data = metadata.CommandData.IsEmpty ? null : JsonDocument.Parse(metadata.CommandData);
        Item item = new()
        {
            Id = command.Id,
            Stream = command.Stream.Value,
            Format = Format,
            Version = command.Version,
            CommandId = metadata.CommandId,
            Command = new CommandPart(metadata.CommandType, metadata.PolicyVersion, data?.RootElement),
            Actor = metadata.Actor,
            ActorName = metadata.ActorName,
            CorrelationId = metadata.CorrelationId,
            CausationId = metadata.CausationId,
            TraceParent = metadata.TraceParent,
            Time = metadata.Timestamp,
            Code = command.Reason.Code,
            Message = command.Reason.Message,
            Ttl = (int)Math.Min(int.MaxValue, Math.Ceiling(keep.TotalSeconds)),
        };
        return new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(item, RefusedItemJson.Default.Item));
    }

    /// <exception cref="FormatException">It is no refused command, or of a format that is not known here.</exception>
    public static RefusedCommand Read(JsonElement element)
    {
        Item item;
        try
        {
            item = element.Deserialize(RefusedItemJson.Default.Item)!;
        }
        catch (JsonException e)
        {
            throw new FormatException($"This is not a refused command: {e.Message}", e);
        }
        if (item.Format != Format)
        {
            throw new FormatException($"The refused command {item.Id} of {item.Stream} has the format {item.Format}; this version reads {Format}.");
        }
        return new RefusedCommand
        {
            Stream = StreamName.Parse(item.Stream),
            Version = item.Version,
            Reason = new Rejection(item.Code, item.Message),
            Metadata = new CommitMetadata
            {
                CommandId = item.CommandId,
                CommandType = item.Command.Type,
                // The document's memory goes back to a pool.
                CommandData = item.Command.Data is { } data ? JsonMarshal.GetRawUtf8Value(data).ToArray() : default,
                PolicyVersion = item.Command.Policy,
                Actor = item.Actor,
                ActorName = item.ActorName,
                CorrelationId = item.CorrelationId,
                CausationId = item.CausationId,
                TraceParent = item.TraceParent,
                Timestamp = item.Time,
            },
        };
    }

    internal sealed record Item
    {
        public required string Id { get; init; }

        public required string Stream { get; init; }

        public required int Format { get; init; }

        public required long Version { get; init; }

        public required string CommandId { get; init; }

        public required CommandPart Command { get; init; }

        public required string Actor { get; init; }

        public string? ActorName { get; init; }

        public required string CorrelationId { get; init; }

        public string? CausationId { get; init; }

        public string? TraceParent { get; init; }

        public required DateTimeOffset Time { get; init; }

        public required string Code { get; init; }

        public required string Message { get; init; }

        /// <summary>Seconds; the database deletes the item when they are over.</summary>
        public required int Ttl { get; init; }
    }

    internal sealed record CommandPart(string Type, string Policy, JsonElement? Data);
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(RefusedItem.Item))]
internal sealed partial class RefusedItemJson : JsonSerializerContext;
