using System.Diagnostics;
using System.Text.Json;
using Serverless.Cli.Answers;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>Brings what a store has into the shapes of the API.</summary>
internal static class DocumentMapping
{
    public static CommitDocument Of(Commit commit) => new()
    {
        Stream = commit.Stream.Value,
        FirstVersion = commit.FirstVersion,
        LastVersion = commit.LastVersion,
        Time = commit.Metadata.Timestamp,
        Command = commit.Metadata.CommandType,
        CommandData = commit.Metadata.CommandData.IsEmpty ? null : Json(commit.Metadata.CommandData),
        CommandId = commit.Metadata.CommandId,
        Policy = commit.Metadata.PolicyVersion,
        Actor = commit.Metadata.Actor,
        ActorName = commit.Metadata.ActorName,
        CorrelationId = commit.Metadata.CorrelationId,
        CausationId = commit.Metadata.CausationId,
        TraceParent = commit.Metadata.TraceParent,
        Events = [.. commit.Events.Select((e, i) => new EventDocument(commit.FirstVersion + i, e.Type, e.SchemaVersion, Json(e.Data)))],
        Hash = commit.Hash,
    };

    public static ExplainedDocument Of(ExplainedEvent e) => new(
        e.Version,
        e.Commit.Metadata.Timestamp,
        e.Commit.Metadata.CommandType,
        e.Commit.Metadata.Actor,
        e.Stored.Type,
        Json(e.Stored.Data),
        Json(e.Before),
        Json(e.After),
        [.. e.Changes.Select(c => new ChangeDocument(c.Path, JsonOrAbsent(c.Before), JsonOrAbsent(c.After)))],
        e.Commit.Metadata.ActorName);

    public static TrialDocument Of(Trial trial) => trial switch
    {
        Trial.Accepted t => new(
            t.Stream.Value, t.Version, TrialDocument.Accepted, [.. t.Events.Select(e => new TriedEventDocument(e.Type, e.SchemaVersion, Json(e.Data)))], Json(t.State)),
        Trial.Rejected t => new(t.Stream.Value, t.Version, "rejected", Code: t.Reason.Code, Detail: t.Reason.Message),
        Trial.Invalid t => new(
            t.Stream.Value, t.Version, "invalid", Code: "invalid-command", Detail: string.Join(" ", t.Errors.Select(e => $"{e.Path}: {e.Message}"))),
        Trial.Failed t => new(t.Stream.Value, t.Version, "failed", Code: "command-failed", Detail: t.Detail),
        Trial.Unknown t => new(
            t.Stream.Value, t.Version, "unknown", Code: "unknown-command", Detail: $"There is no command '{t.Command}', or it was not recorded."),
        _ => throw new UnreachableException(),
    };

    public static ReconsiderPageDocument Of(WhatIfQuery query, string policy, WhatIfPage page) => new()
    {
        Category = query.Category,
        Stream = query.Stream?.Value,
        From = query.From,
        To = query.To,
        Policy = policy,
        Streams = page.Streams,
        Commits = page.Commits,
        Refused = page.Refused,
        Same = page.Counts.Where(c => c.Verdict == Verdict.Same).Sum(c => c.Count),
        Verdicts = Sums(page.Counts),
        Commands = [.. page.Counts.GroupBy(c => (c.Command, c.Policy)).Select(g => new ReconsideredCommandDocument(g.Key.Command, g.Key.Policy, Sums(g)))],
        Different = [.. page.Different.Select(Of)],
        Unreadable = [.. page.Unreadable.Select(u => new UnreadableDocument(u.Stream.Value, u.Detail))],
        IsComplete = page.Continuation is null,
    };

    private static SortedDictionary<string, long> Sums(IEnumerable<WhatIfCount> counts) => new(
        counts.GroupBy(c => Word(c.Verdict)).ToDictionary(g => g.Key, g => g.Sum(c => c.Count)), StringComparer.Ordinal);

    private static ReconsideredDocument Of(Reconsidered again) => new(
        Word(again.Verdict), Of(again.Today), again.Past.Commit is { } commit ? Of(commit) : null, again.Past.Refused is { } refused ? Of(refused) : null);

    public static RefusedDocument Of(RefusedCommand refused) => new()
    {
        Stream = refused.Stream.Value,
        Version = refused.Version,
        Time = refused.Metadata.Timestamp,
        Command = refused.Metadata.CommandType,
        CommandData = refused.Metadata.CommandData.IsEmpty ? null : Json(refused.Metadata.CommandData),
        CommandId = refused.Metadata.CommandId,
        Policy = refused.Metadata.PolicyVersion,
        Actor = refused.Metadata.Actor,
        ActorName = refused.Metadata.ActorName,
        CorrelationId = refused.Metadata.CorrelationId,
        CausationId = refused.Metadata.CausationId,
        TraceParent = refused.Metadata.TraceParent,
        Code = refused.Reason.Code,
        Detail = refused.Reason.Message,
    };

    private static string Word(Verdict verdict) => JsonNamingPolicy.KebabCaseLower.ConvertName(verdict.ToString());

    public static IEnumerable<ConversationStepDocument> Steps(IEnumerable<CausedCommit> caused, int depth) =>
        caused.SelectMany(c => Steps(c.Caused, depth + 1).Prepend(new ConversationStepDocument(depth, Of(c.Commit))));

    public static ActionDocument Of(OperatorAction action) => new(
        action.Id, action.Kind, action.Actor, action.StartedAt, action.Stream, action.Version, action.Reason, action.CompletedAt, action.Outcome, action.Detail,
        action.ActorName, action.Streams is { } streams ? [.. streams.Select(s => new ImportedStreamDocument(s.Stream, s.FirstVersion, s.LastVersion, s.Hash))] : null);

    public static JsonElement Json(ReadOnlyMemory<byte> utf8) => JsonElement.Parse(utf8.Span);

    private static JsonElement? JsonOrAbsent(ReadOnlyMemory<byte>? utf8) => utf8 is { } value ? Json(value) : null;
}
