namespace Serverless.EventSourcing;

/// <summary>A command that was decided once, as a commit or as a refusal, with the state of that time: it can be decided again.</summary>
public sealed class PastDecision
{
    private readonly Func<(Verdict Verdict, Trial Today)> again;

    internal PastDecision(Commit commit, Func<(Verdict Verdict, Trial Today)> again)
    {
        Commit = commit;
        this.again = again;
        Stream = commit.Stream;
        Version = commit.FirstVersion - 1;
        Metadata = commit.Metadata;
        // A tilde sorts after the hyphen of a refusal's id: what was refused on a version comes before what was accepted on it.
        Position = $"{Commit.IdOf(Version)}~";
    }

    internal PastDecision(RefusedCommand refused, Func<(Verdict Verdict, Trial Today)> again)
    {
        Refused = refused;
        this.again = again;
        Stream = refused.Stream;
        Version = refused.Version;
        Metadata = refused.Metadata;
        Position = refused.Id;
    }

    /// <summary>What was written; null when it was refused.</summary>
    public Commit? Commit { get; }

    /// <summary>What was refused; null when it was accepted.</summary>
    public RefusedCommand? Refused { get; }

    public StreamName Stream { get; }

    /// <summary>The version of the stream that it was decided on.</summary>
    public long Version { get; }

    /// <summary>Who asked, for what, when, and which version of the rules decided.</summary>
    public CommitMetadata Metadata { get; }

    /// <summary>Its place among the decisions of its stream; they come in its ordinal order.</summary>
    public string Position { get; }

    /// <summary>Decides the command with today's rules on the state of its time, as it was recorded. Writes nothing and does not throw.</summary>
    public Reconsidered Reconsider()
    {
        (Verdict verdict, Trial today) = again();
        return new Reconsidered(this, verdict, today);
    }
}

/// <summary>A recorded decision and what today's rules make of it.</summary>
/// <param name="Past">What was recorded.</param>
/// <param name="Verdict">How the two compare.</param>
/// <param name="Today">What would be decided today.</param>
public sealed record Reconsidered(PastDecision Past, Verdict Verdict, Trial Today);

/// <summary>How a decision of today compares with the one that was recorded.</summary>
public enum Verdict
{
    /// <summary>The same events, or refused for the same reason.</summary>
    Same,

    /// <summary>Accepted as before, with other events.</summary>
    OtherEvents,

    /// <summary>It was accepted and would be refused today.</summary>
    NowRejected,

    /// <summary>It was refused and would be accepted today.</summary>
    NowAccepted,

    /// <summary>Refused as before, for another reason.</summary>
    OtherReason,

    /// <summary>
    /// The command does not exist any more, was not recorded, its recorded form is not valid today, today's rules throw, or its state is
    /// not there.
    /// </summary>
    Undecidable,
}
