using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Commands;

/// <summary>What a command came to. Mirrors wire data.</summary>
internal sealed record CommandAnswer
{
    public required string Stream { get; init; }

    /// <summary>The version of the stream after this command; for a repeated command, after it was first done.</summary>
    public required long Version { get; init; }

    /// <summary>What a query names with <c>?seen=</c> to see at least this command; null while the stream has no event.</summary>
    public required string? Token { get; init; }

    public required string CommandId { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary>The command had been done before, and this is its outcome from then.</summary>
    public required bool Repeated { get; init; }

    /// <summary>Empty when there was nothing to do.</summary>
    public required IReadOnlyList<EventAnswer> Events { get; init; }

    /// <summary>In request units.</summary>
    public required double RequestCharge { get; init; }

    public static CommandAnswer Of(CommandOutcome.Accepted accepted, CommandContext context) => new()
    {
        Stream = accepted.Stream.Value,
        Version = accepted.Version,
        Token = accepted.Version == 0 ? null : new SeenVersion(accepted.Stream, accepted.Version).ToString(),
        CommandId = context.CommandId,
        CorrelationId = accepted.Commit?.Metadata.CorrelationId ?? context.CorrelationId ?? context.CommandId,
        Repeated = accepted.WasRepeated,
        Events = accepted.Commit is { } commit ? [.. commit.Events.Select((e, i) => EventAnswer.Of(e, commit.FirstVersion + i))] : [],
        RequestCharge = Math.Round(accepted.RequestCharge, 2),
    };
}

/// <summary>One event as stored. Mirrors wire data.</summary>
internal sealed record EventAnswer(long Version, string Type, int SchemaVersion, RawJson Data)
{
    public static EventAnswer Of(StoredEvent stored, long version) => new(version, stored.Type, stored.SchemaVersion, new RawJson(stored.Data));
}
