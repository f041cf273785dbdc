using Serverless.EventSourcing;

namespace Serverless.Functions.History;

/// <summary>
/// The commits that were written last, newest first. <c>looked</c> is how many were looked at to find them; a page can be empty and yet have
/// a continuation. <c>newest</c> is what to send as <c>since</c> to see what comes after. Mirrors wire data.
/// </summary>
internal sealed record RecentCommitsAnswer(IReadOnlyList<CommitSummary> Commits, int Looked, DateTimeOffset? Newest, string? Continuation);

/// <summary>A commit without its data: the stream has that. Mirrors wire data.</summary>
internal sealed record CommitSummary
{
    public required string Stream { get; init; }

    public required long FirstVersion { get; init; }

    /// <summary>Absent, like all that follows but the time and the error, when it can't be read.</summary>
    public long? LastVersion { get; init; }

    public required DateTimeOffset Time { get; init; }

    public string? Command { get; init; }

    public string? CommandId { get; init; }

    public string? Policy { get; init; }

    public string? Actor { get; init; }

    public string? ActorName { get; init; }

    public string? CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? TraceParent { get; init; }

    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Why it can't be read as a commit.</summary>
    public string? Error { get; init; }

    public static CommitSummary Of(Written<Delivery> written) => written.Record.Commit is { } commit
        ? Of(commit)
        : new CommitSummary
        {
            Stream = written.Record.Stream,
            FirstVersion = written.Record.FirstVersion,
            Time = written.WrittenAt,
            Error = written.Record.Error?.Message,
        };

    public static CommitSummary Of(Commit commit) => new()
    {
        Stream = commit.Stream.Value,
        FirstVersion = commit.FirstVersion,
        LastVersion = commit.LastVersion,
        Time = commit.Metadata.Timestamp,
        Command = commit.Metadata.CommandType,
        CommandId = commit.Metadata.CommandId,
        Policy = commit.Metadata.PolicyVersion,
        Actor = commit.Metadata.Actor,
        ActorName = commit.Metadata.ActorName,
        CorrelationId = commit.Metadata.CorrelationId,
        CausationId = commit.Metadata.CausationId,
        TraceParent = commit.Metadata.TraceParent,
        Events = [.. commit.Events.Select(e => e.Type)],
    };
}

/// <summary>The names of a category's streams. Mirrors wire data.</summary>
internal sealed record StreamListAnswer(string Category, IReadOnlyList<string> Streams, string? Next);

/// <summary>
/// The commands that were refused last, newest first. The body of a command is left out where it does not fit on the page: the list of its
/// stream has it. Mirrors wire data.
/// </summary>
internal sealed record RecentRefusedAnswer(IReadOnlyList<RefusedAnswer> Refused, string? Continuation);
