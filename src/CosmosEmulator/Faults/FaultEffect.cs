using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Faults;

/// <summary>
/// What a client meets. Made by one of the methods; <c>with</c> adds a delay, or says that the request is carried out before it
/// fails.
/// </summary>
public sealed record FaultEffect
{
    private const int TooManyRequestsSubStatus = 3200;
    private const int MostLag = RecentWrites.Capacity;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>The status of the answer; null: the request's own.</summary>
    public int? Status { get; init; }

    public int SubStatus { get; init; }

    /// <summary>How long the client is told to wait before it tries again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long the request waits before anything happens to it.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How many writes of its physical partition the replica that answers a read may miss.</summary>
    public int? LagWrites { get; init; }

    /// <summary>How old the writes may be that the replica misses.</summary>
    public TimeSpan? LagTime { get; init; }

    /// <summary>The connection ends without an answer.</summary>
    public bool DropsConnection { get; init; }

    /// <summary>Whether the request is carried out although the client is told that it failed.</summary>
    public bool AfterTheWork { get; init; }

    /// <summary>429/3200: the request rate is too large.</summary>
    public static FaultEffect TooManyRequests(TimeSpan retryAfter) =>
        new() { Status = 429, SubStatus = TooManyRequestsSubStatus, RetryAfter = retryAfter };

    /// <summary>503.</summary>
    public static FaultEffect ServiceUnavailable() => new() { Status = 503 };

    /// <summary>449: another write was in the way; clients try again by themselves.</summary>
    public static FaultEffect RetryWith() => new() { Status = 449 };

    /// <summary>410: the partition has moved. Substatus 1002 means split, 1000 a container that was created anew.</summary>
    public static FaultEffect Gone(int subStatus = 1002) => new() { Status = 410, SubStatus = subStatus };

    /// <summary>408.</summary>
    public static FaultEffect RequestTimeout() => new() { Status = 408 };

    /// <summary>Any other error.</summary>
    public static FaultEffect Error(int status, int subStatus = 0) => new() { Status = status, SubStatus = subStatus };

    /// <summary>The request is carried out, later.</summary>
    public static FaultEffect Latency(TimeSpan delay) => new() { Delay = delay };

    /// <summary>
    /// A read is answered by a replica that misses up to so many writes. Counts from the moment the rule is added; a read that demands
    /// the latest state, or whose session token demands more, never meets it.
    /// </summary>
    public static FaultEffect ReplicaLag(int writes) => new() { LagWrites = writes };

    /// <summary>The same by time: the replica misses what is younger.</summary>
    public static FaultEffect ReplicaLag(TimeSpan time) => new() { LagTime = time };

    internal bool HasLag => LagWrites is not null || LagTime is not null;

    /// <summary>The connection is lost and nothing was done.</summary>
    public static FaultEffect DropBefore() => new() { DropsConnection = true };

    /// <summary>Everything was done, but the connection is lost before the answer.</summary>
    public static FaultEffect DropAfter() => new() { DropsConnection = true, AfterTheWork = true };

    internal void Check()
    {
        if (Status is < 400 or > 599)
        {
            throw new ArgumentException($"The status {Status} is not an error.");
        }

        if (Status is not null && DropsConnection)
        {
            throw new ArgumentException("A request whose connection is dropped gets no status.");
        }

        if (Delay < TimeSpan.Zero || Delay > LongestDelay || RetryAfter < TimeSpan.Zero)
        {
            throw new ArgumentException($"A delay is between zero and {LongestDelay}.");
        }

        if (LagWrites is < 1 or > MostLag || LagTime <= TimeSpan.Zero || LagTime > LongestDelay)
        {
            throw new ArgumentException($"A replica lags by 1 to {MostLag} writes, or by up to {LongestDelay}.");
        }

        if (Status is null && !DropsConnection && !HasLag && (Delay == TimeSpan.Zero || AfterTheWork))
        {
            throw new ArgumentException("An effect needs a status, a delay, a lag or a dropped connection.");
        }
    }
}
