namespace Serverless.EventSourcing;

/// <summary>How a retry or a discard of a parked stream ended.</summary>
public abstract record RetryOutcome
{
    private protected RetryOutcome() { } // Closed: every case is in this file.

    /// <summary>The consumer has the whole stream; the record is gone.</summary>
    public sealed record CaughtUp(int Events) : RetryOutcome;

    /// <summary>It failed again, at the same place or a later one.</summary>
    public sealed record StillFailing(ParkedStream Record) : RetryOutcome;

    /// <summary>There is no such record.</summary>
    public sealed record NotParked : RetryOutcome;

    /// <summary>The record stands at another version than the one to be discarded.</summary>
    public sealed record OtherVersion(ParkedStream Record) : RetryOutcome;
}
