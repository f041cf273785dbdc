using Serverless.EventSourcing;
using Serverless.Functions.Commands;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>A state as it was, with the point that was asked for. Mirrors wire data.</summary>
internal sealed record PastStateAnswer(string Stream, long Version, DateTimeOffset? At, RawJson State);

/// <summary>A page of commits, each with the command behind it. Mirrors wire data.</summary>
internal sealed record CommitsAnswer(string Stream, IReadOnlyList<CommitAnswer> Commits, string? Next);

internal sealed record CommitAnswer
{
    public required string Stream { get; init; }

    public required long FirstVersion { get; init; }

    public required long LastVersion { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Command { get; init; }

    /// <summary>The body of the command; null when it was not recorded.</summary>
    public RawJson? CommandData { get; init; }

    public required string CommandId { get; init; }

    public required string Policy { get; init; }

    public required string Actor { get; init; }

    public string? ActorName { get; init; }

    public required string CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? TraceParent { get; init; }

    public required IReadOnlyList<EventAnswer> Events { get; init; }

    public string? Hash { get; init; }

    public static CommitAnswer Of(Commit commit) => new()
    {
        Stream = commit.Stream.Value,
        FirstVersion = commit.FirstVersion,
        LastVersion = commit.LastVersion,
        Time = commit.Metadata.Timestamp,
        Command = commit.Metadata.CommandType,
        CommandData = commit.Metadata.CommandData.IsEmpty ? null : new RawJson(commit.Metadata.CommandData),
        CommandId = commit.Metadata.CommandId,
        Policy = commit.Metadata.PolicyVersion,
        Actor = commit.Metadata.Actor,
        ActorName = commit.Metadata.ActorName,
        CorrelationId = commit.Metadata.CorrelationId,
        CausationId = commit.Metadata.CausationId,
        TraceParent = commit.Metadata.TraceParent,
        Events = [.. commit.Events.Select((e, i) => EventAnswer.Of(e, commit.FirstVersion + i))],
        Hash = commit.Hash,
    };
}

/// <summary>A page of events with what each did to the state. Mirrors wire data.</summary>
internal sealed record ExplainAnswer(string Stream, IReadOnlyList<ExplainedAnswer> Events, string? Next);

internal sealed record ExplainedAnswer(
    long Version, DateTimeOffset Time, string Command, string Actor, string? ActorName, string Type, RawJson Data, RawJson Before, RawJson After, IReadOnlyList<ChangeAnswer> Changes)
{
    public static ExplainedAnswer Of(ExplainedEvent e) => new(
        e.Version, e.Commit.Metadata.Timestamp, e.Commit.Metadata.CommandType, e.Commit.Metadata.Actor, e.Commit.Metadata.ActorName, e.Stored.Type, new RawJson(e.Stored.Data),
        new RawJson(e.Before), new RawJson(e.After), [.. e.Changes.Select(ChangeAnswer.Of)]);
}

/// <summary>One difference between two states; a side that is absent was not there. Mirrors wire data.</summary>
internal sealed record ChangeAnswer(string Path, RawJson? Before, RawJson? After)
{
    public static ChangeAnswer Of(JsonChange change) => new(change.Path, Raw(change.Before), Raw(change.After));

    private static RawJson? Raw(ReadOnlyMemory<byte>? json) => json is { } value ? new RawJson(value) : null;
}

/// <summary>What a command would do. Mirrors wire data.</summary>
internal sealed record TrialAnswer(
    string Stream, long Version, string Outcome, IReadOnlyList<TriedEventAnswer>? Events, RawJson? State, string? Code, string? Detail)
{
    public static TrialAnswer Of(Trial trial) => trial switch
    {
        Trial.Accepted t => new(t.Stream.Value, t.Version, "accepted", [.. t.Events.Select(TriedEventAnswer.Of)], new RawJson(t.State), null, null),
        Trial.Rejected t => new(t.Stream.Value, t.Version, "rejected", null, null, t.Reason.Code, t.Reason.Message),
        Trial.Invalid t => new(t.Stream.Value, t.Version, "invalid", null, null, "invalid-command", string.Join(" ", t.Errors.Select(e => $"{e.Path}: {e.Message}"))),
        Trial.Failed t => new(t.Stream.Value, t.Version, "failed", null, null, "command-failed", t.Detail),
        Trial.Unknown t => new(t.Stream.Value, t.Version, "unknown", null, null, "unknown-command", $"There is no command '{t.Command}', or it was not recorded."),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

internal sealed record TriedEventAnswer(string Type, int SchemaVersion, RawJson Data)
{
    public static TriedEventAnswer Of(StoredEvent e) => new(e.Type, e.SchemaVersion, new RawJson(e.Data));
}

/// <summary>Whether the chain of a stream holds. Mirrors wire data.</summary>
internal sealed record VerifyAnswer(string Stream, long Commits, bool IsIntact, string? Hash, BrokenLinkAnswer? Broken);

internal sealed record BrokenLinkAnswer(string Id, string Reason);

/// <summary>
/// A part of the store: what was read and what of it was checked. The total, about, comes with the first part; a continuation of null is
/// the end. Mirrors wire data.
/// </summary>
internal sealed record VerifyAllAnswer(
    long Read, long Commits, long Streams, IReadOnlyList<BrokenStreamAnswer> Broken, long? Total, string? Continuation);

internal sealed record BrokenStreamAnswer(string Stream, string Id, string Reason);

/// <summary>What came of the lines. Gaps are told by dry runs only: whoever sends lines in parts knows what an earlier part had. Mirrors wire data.</summary>
internal sealed record ImportAnswer(long Commits, long Written, long Known, IReadOnlyList<ImportGapAnswer>? Gaps)
{
    public static ImportAnswer Of(ImportProgress result, IReadOnlyList<ImportGap> gaps) => new(
        result.Commits, result.Written, result.Known, gaps.Count == 0 ? null : [.. gaps.Select(g => new ImportGapAnswer(g.Line, g.Stream.Value, g.Reason))]);
}

internal sealed record ImportGapAnswer(long Line, string Stream, string Reason);

/// <summary>
/// What came of one message: every commit with how deep it stands below its cause, each right behind its cause and what that caused
/// before. Mirrors wire data.
/// </summary>
internal sealed record ConversationAnswer(string CorrelationId, IReadOnlyList<ConversationStep> Steps, bool IsComplete);

internal sealed record ConversationStep(int Depth, CommitAnswer Commit);
