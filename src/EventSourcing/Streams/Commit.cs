using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>
/// All events of one command, written in one create: the unit of storage and of atomicity. Mirrors the stored item.
/// </summary>
public sealed record Commit
{
    public required StreamName Stream { get; init; }

    /// <summary>The version of the stream after the first event of this commit; 1 for the first commit.</summary>
    public required long FirstVersion { get; init; }

    /// <summary>At least one, at most <see cref="Limits.MaxEventsPerCommit"/>.</summary>
    public required IReadOnlyList<StoredEvent> Events { get; init; }

    public required CommitMetadata Metadata { get; init; }

    /// <summary>The hash of the commit before this one; null for the first, and for one that was not stored yet.</summary>
    public string? PreviousHash { get; init; }

    /// <summary>The seal: SHA-256 of everything in the stored item, <see cref="PreviousHash"/> included. Null before it was stored.</summary>
    public string? Hash { get; init; }

    public long LastVersion => FirstVersion + Events.Count - 1;

    /// <summary>The id of the stored item: the first version in ten digits, so that ids sort as versions do.</summary>
    public static string IdOf(long firstVersion) => firstVersion.ToString("D10", CultureInfo.InvariantCulture);
}

/// <summary>Who and what led to a commit, or to a refusal. Mirrors stored data.</summary>
public sealed record CommitMetadata
{
    /// <summary>Unique in its stream for ever: the same command can never be committed twice.</summary>
    public required string CommandId { get; init; }

    /// <summary>The registered name of the command, such as <c>deposit</c>.</summary>
    public required string CommandType { get; init; }

    /// <summary>The command as UTF-8 JSON, for audit and for running it again against another policy.</summary>
    public ReadOnlyMemory<byte> CommandData { get; init; }

    /// <summary>The version of the rules that decided.</summary>
    public required string PolicyVersion { get; init; }

    /// <summary>Who asked: <c>user:provider:id</c>, <c>key:name</c>, <c>process:name</c>, <c>system</c>, or <c>anonymous</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>What the person was called then, for readers; null for keys and for the system. Names can change and repeat.</summary>
    public string? ActorName { get; init; }

    /// <summary>The whole business conversation.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The one message that led to this command; null when it came from outside.</summary>
    public string? CausationId { get; init; }

    /// <summary>W3C <c>traceparent</c> of the request that brought the command.</summary>
    public string? TraceParent { get; init; }

    /// <summary>UTC, by the clock of the host that decided. In a stream it never goes back, whatever the clocks of its hosts say.</summary>
    public required DateTimeOffset Timestamp { get; init; }
}

/// <summary>One event as stored: its stable name, the version of its shape, and its UTF-8 JSON.</summary>
public sealed record StoredEvent(string Type, int SchemaVersion, ReadOnlyMemory<byte> Data);

/// <summary>A disposable fold: the state after <paramref name="Version"/> events in the shape <paramref name="SchemaVersion"/>.</summary>
public sealed record StoredSnapshot(long Version, int SchemaVersion, ReadOnlyMemory<byte> Data);
