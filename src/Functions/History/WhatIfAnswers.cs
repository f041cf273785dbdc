using System.Text.Json;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>
/// How recorded decisions compare with today's rules. The numbers are those of this page; without <c>next</c> it is the last. Mirrors wire
/// data.
/// </summary>
internal sealed record ReconsiderAnswer
{
    /// <summary>The one stream that was asked for.</summary>
    public string? Stream { get; init; }

    public required string Category { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>The version of today's rules.</summary>
    public required string Policy { get; init; }

    /// <summary>Streams that were come to the end of.</summary>
    public required long Streams { get; init; }

    public required long Commits { get; init; }

    public required long Refused { get; init; }

    public required long Same { get; init; }

    /// <summary>By the word of the verdict; what did not occur is not there.</summary>
    public required IReadOnlyDictionary<string, long> Verdicts { get; init; }

    /// <summary>By command and the version of the rules that decided it.</summary>
    public required IReadOnlyList<ReconsideredCommandAnswer> Commands { get; init; }

    public required IReadOnlyList<ReconsideredAnswer> Different { get; init; }

    public required IReadOnlyList<UnreadableAnswer> Unreadable { get; init; }

    public required bool IsComplete { get; init; }

    public string? Continuation { get; init; }

    public string? Next { get; init; }

    public static ReconsiderAnswer Of(WhatIfQuery query, string policy, WhatIfPage page, string? next) => new()
    {
        Stream = query.Stream?.Value,
        Category = query.Category,
        From = query.From,
        To = query.To,
        Policy = policy,
        Streams = page.Streams,
        Commits = page.Commits,
        Refused = page.Refused,
        Same = page.Counts.Where(c => c.Verdict == Verdict.Same).Sum(c => c.Count),
        Verdicts = Sums(page.Counts),
        Commands = [.. page.Counts.GroupBy(c => (c.Command, c.Policy)).Select(g => new ReconsideredCommandAnswer(g.Key.Command, g.Key.Policy, Sums(g)))],
        Different = [.. page.Different.Select(ReconsideredAnswer.Of)],
        Unreadable = [.. page.Unreadable.Select(u => new UnreadableAnswer(u.Stream.Value, u.Detail))],
        IsComplete = page.Continuation is null,
        Continuation = page.Continuation,
        Next = next,
    };

    internal static string Word(Verdict verdict) => JsonNamingPolicy.KebabCaseLower.ConvertName(verdict.ToString());

    private static SortedDictionary<string, long> Sums(IEnumerable<WhatIfCount> counts) => new(
        counts.GroupBy(c => Word(c.Verdict)).ToDictionary(g => g.Key, g => g.Sum(c => c.Count)), StringComparer.Ordinal);
}

internal sealed record ReconsideredCommandAnswer(string Command, string Policy, IReadOnlyDictionary<string, long> Verdicts);

/// <summary>One difference: what was recorded, as a commit or as a refusal, and what would be decided today.</summary>
internal sealed record ReconsideredAnswer(string Verdict, CommitAnswer? Recorded, RefusedAnswer? Refused, TrialAnswer Today)
{
    public static ReconsideredAnswer Of(Reconsidered again) => new(
        ReconsiderAnswer.Word(again.Verdict),
        again.Past.Commit is { } commit ? CommitAnswer.Of(commit) : null,
        again.Past.Refused is { } refused ? RefusedAnswer.Of(refused) : null,
        TrialAnswer.Of(again.Today));
}

/// <summary>A stream whose events can't be folded, and why.</summary>
internal sealed record UnreadableAnswer(string Stream, string Detail);

/// <summary>A page of a stream's refused commands, by the version they were decided on. Mirrors wire data.</summary>
internal sealed record RefusedListAnswer(string Stream, IReadOnlyList<RefusedAnswer> Refused, string? Next);

internal sealed record RefusedAnswer
{
    public required string Stream { get; init; }

    /// <summary>The version that it was decided on.</summary>
    public required long Version { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Command { get; init; }

    public RawJson? CommandData { get; init; }

    public required string CommandId { get; init; }

    public required string Policy { get; init; }

    public required string Actor { get; init; }

    public string? ActorName { get; init; }

    public required string CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? TraceParent { get; init; }

    public required string Code { get; init; }

    public required string Detail { get; init; }

    public static RefusedAnswer Of(RefusedCommand refused) => new()
    {
        Stream = refused.Stream.Value,
        Version = refused.Version,
        Time = refused.Metadata.Timestamp,
        Command = refused.Metadata.CommandType,
        CommandData = refused.Metadata.CommandData.IsEmpty ? null : new RawJson(refused.Metadata.CommandData),
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
}
