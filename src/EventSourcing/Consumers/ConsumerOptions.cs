using System.Runtime.CompilerServices;

namespace Serverless.EventSourcing;

/// <summary>The named limits of consuming.</summary>
public sealed record ConsumerOptions
{
    /// <summary>Attempts, counted durably, before a stream is parked.</summary>
    public int MaxAttempts { get; init => field = Positive(value); } = 5;

    /// <summary>Processes that may end while they handle one stream alone before it is parked.</summary>
    public int MaxDeaths { get; init => field = Positive(value); } = 3;

    /// <summary>
    /// How long after the first batch of a consumer its batches are noted before they are handled, so that the next process learns that this
    /// one died of them. At least as long as it takes to get the leases of a process that died.
    /// </summary>
    public TimeSpan CrashWatch { get; init => field = Positive(value); } = TimeSpan.FromMinutes(1);

    /// <summary>The wait after the first failed attempt; it doubles each time.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Parked streams a consumer may leave behind before it stops.</summary>
    public int MaxParkedStreams { get; init => field = Positive(value); } = 1_000;

    /// <summary>The wait before the first scheduled retry of a parked stream; it doubles each time. The next run of the timer retries what is due.</summary>
    public TimeSpan FirstRetryInterval { get; init => field = Positive(value); } = TimeSpan.FromMinutes(1);

    public TimeSpan MaxRetryInterval { get; init => field = Positive(value); } = TimeSpan.FromHours(6);

    /// <summary>Parked streams of one consumer that are retried at the same time.</summary>
    public int MaxParallelRetries { get; init => field = Positive(value); } = 8;

    /// <summary>How old a commit is before it is audited: consumers have this long to get to it by themselves.</summary>
    public TimeSpan AuditGrace { get; init => field = Positive(value); } = TimeSpan.FromMinutes(1);

    /// <summary>How long one run of the auditor begins with new pages: the platform is paid by the time, and the next run goes on.</summary>
    public TimeSpan MaxAuditTime { get; init => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Commits that are read at once for an audit.</summary>
    public int MaxAuditItems { get; init => field = Positive(value); } = 500;

    /// <summary>How late the auditor may be before it counts as stuck: several times the interval of its timer.</summary>
    public TimeSpan AuditStuckAfter { get; init => field = Positive(value); } = TimeSpan.FromMinutes(30);

    /// <summary>The least time between two writes of a consumer's record by one process.</summary>
    public TimeSpan RecordInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two measurements of lag for metrics.</summary>
    public TimeSpan MeasureInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>How long a consumer may have something to do and not come further before it counts as stuck.</summary>
    public TimeSpan StuckAfter { get; init => field = Positive(value); } = TimeSpan.FromMinutes(5);

    /// <summary>How old an owner's last sign of life may be: the default of the trigger, after which others take its leases.</summary>
    public TimeSpan LeaseExpiration { get; init => field = Positive(value); } = TimeSpan.FromSeconds(60);

    /// <summary>How old the knowledge of which version of a projection serves may be: how long a change takes to reach every instance.</summary>
    public TimeSpan VersionsMaxAge { get; init => field = Positive(value); } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two looks at versions that are being built.</summary>
    public TimeSpan TakeoverInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(15);

    /// <summary>How old the oldest commit may be that a version has not done when it takes over.</summary>
    public TimeSpan MaxTakeoverLag { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>Characters kept of an error.</summary>
    public int MaxErrorLength { get; init; } = 2_000;

    /// <summary>Characters kept of a stack trace.</summary>
    public int MaxStackTraceLength { get; init; } = 4_000;

    private static T Positive<T>(T value, [CallerMemberName] string name = "")
        where T : struct, IComparable<T> =>
        value.CompareTo(default) > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than 0.");
}
