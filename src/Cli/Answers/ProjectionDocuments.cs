namespace Serverless.Cli.Answers;

/// <summary>Every projection with its versions. Mirrors wire data.</summary>
internal sealed record ProjectionsDocument(IReadOnlyList<ProjectionDocument> Projections);

/// <summary>Mirrors wire data.</summary>
internal sealed record ProjectionDocument(string Projection, int Serving, IReadOnlyList<VersionDocument> Versions);

/// <summary>Mirrors wire data.</summary>
internal sealed record VersionDocument(
    int Version,
    string Status,
    DateTimeOffset Since,
    bool IsInCode,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? CaughtUpAt = null,
    string? State = null,
    string? Reason = null,
    ReplayDocument? Progress = null,
    int? Parked = null,
    VersionCheckDocument? LastCheck = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record ReplayDocument(long Done, long Total, double Percent, double? CommitsPerSecond = null, double? SecondsLeft = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record VersionCheckDocument(DateTimeOffset At, int Sampled, int Compared, IReadOnlyList<string> Differences);

/// <summary>Mirrors wire data.</summary>
internal sealed record RetireDocument(string Projection, int Version, int Deleted, bool IsComplete);

/// <summary>Mirrors wire data.</summary>
internal sealed record RebuildDocument(
    string Projection, int Version, string Stream, string Key, int Streams, int Documents, int Changed, int Deleted);

/// <summary>A version built in bulk. What can't be processed is missing from it.</summary>
internal sealed record BuildDocument(
    string Projection, int Version, long Commits, long Events, long Documents, IReadOnlyList<PoisonDocument> Poison);

/// <summary>From where on a stream can't be processed.</summary>
internal sealed record PoisonDocument(string Stream, long Version, string Reason);

/// <summary>What an operator orders for a version. Mirrors wire data.</summary>
internal sealed record VersionOrderDocument(int Version, string Reason, bool? Force = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record RebuildOrderDocument(string Stream, string Reason, int? Version = null);
