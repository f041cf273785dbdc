using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>How a command ended. Request charges are in request units and include every attempt.</summary>
public abstract record CommandOutcome(StreamName Stream, double RequestCharge)
{
    /// <summary>The version of the stream that this outcome speaks of; null where it was not looked at.</summary>
    public virtual long? StreamVersion => null;

    /// <summary>The outcome as telemetry and logs call it. Codes of rejections are not among these names: each aggregate has many.</summary>
    public string Name => this switch
    {
        Accepted { WasRepeated: true } => "repeated",
        Accepted { Commit: null } => "unchanged",
        Accepted => "accepted",
        Rejected => "rejected",
        WrongVersion => "wrong_version",
        Contended => "contended",
        Busy => "busy",
        CommandIdReused => "command_id_reused",
        TooLarge => "too_large",
        Invalid => "invalid",
        Withdrawn => "withdrawn",
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// Done. <paramref name="Commit"/> is what this command wrote, now or (<paramref name="WasRepeated"/>) when it came before; null when
    /// the policy found nothing to do.
    /// </summary>
    public sealed record Accepted(StreamName Stream, long Version, Commit? Commit, bool WasRepeated, double RequestCharge)
        : CommandOutcome(Stream, RequestCharge)
    {
        public override long? StreamVersion => Version;
    }

    /// <summary>The policy says no, decided on the newest state.</summary>
    public sealed record Rejected(StreamName Stream, long Version, Rejection Reason, double RequestCharge)
        : CommandOutcome(Stream, RequestCharge)
    {
        public override long? StreamVersion => Version;
    }

    /// <summary>The stream is not at the version that the client named.</summary>
    public sealed record WrongVersion(StreamName Stream, long Expected, long Actual, double RequestCharge)
        : CommandOutcome(Stream, RequestCharge)
    {
        public override long? StreamVersion => Actual;
    }

    /// <summary>Other writers were faster <paramref name="Attempts"/> times. Nothing was written; sending it again is safe.</summary>
    public sealed record Contended(StreamName Stream, int Attempts, double RequestCharge) : CommandOutcome(Stream, RequestCharge);

    /// <summary>Too many commands of this stream wait in this instance. Nothing was tried.</summary>
    public sealed record Busy(StreamName Stream, int QueueLimit) : CommandOutcome(Stream, 0);

    /// <summary>The command id was committed before, by a different command.</summary>
    public sealed record CommandIdReused(StreamName Stream, string CommandId, string FirstCommandType, double RequestCharge)
        : CommandOutcome(Stream, RequestCharge);

    /// <summary>The events of this command don't fit into one commit. Nothing was written.</summary>
    public sealed record TooLarge(StreamName Stream, string Detail, double RequestCharge) : CommandOutcome(Stream, RequestCharge);

    /// <summary>The body does not make a valid command. Nothing was tried.</summary>
    public sealed record Invalid(StreamName Stream, IReadOnlyList<ValidationError> Errors) : CommandOutcome(Stream, 0);

    /// <summary>Somebody else has decided this command meanwhile, and has recorded the outcome. Nothing was written.</summary>
    public sealed record Withdrawn(StreamName Stream, double RequestCharge) : CommandOutcome(Stream, RequestCharge);
}

/// <summary>
/// The code of an aggregate threw, although it is to be pure and total. The same command on the same state does so again, whoever
/// runs it; faults of the store are never wrapped in this.
/// </summary>
public sealed class DeciderException(StreamName stream, Exception cause)
    : Exception($"The code of '{stream.Category}' failed for {stream}: {cause.GetType().Name}: {cause.Message}", cause)
{
    public StreamName Stream { get; } = stream;
}
