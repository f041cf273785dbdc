namespace Serverless.EventSourcing;

/// <summary>The named limits of the inbox.</summary>
public sealed record InboxOptions
{
    /// <summary>The name of the inbox among consumers, and the prefix of its leases.</summary>
    public const string FeedName = "inbox@1";

    /// <summary>Commands of one stream that are executed before other streams get their turn.</summary>
    public int MaxCommandsPerSlice { get; init; } = 20;

    /// <summary>Pages of changes that are read for one slice: most are of commands that are done, and cost no execution.</summary>
    public int MaxPagesPerSlice { get; init; } = 10;

    /// <summary>Streams of one batch that are worked on at the same time.</summary>
    public int MaxParallelStreams { get; init; } = 16;

    /// <summary>Attempts with a command whose code throws, before it has failed.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The wait after the first failed attempt; it doubles each time.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an outcome can be asked for. A command that waits is kept for ever.</summary>
    public TimeSpan KeepOutcomes
    {
        get;
        init => field = value >= MinKeepOutcomes
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"Outcomes are kept for at least {MinKeepOutcomes}.");
    } = TimeSpan.FromDays(7);

    /// <summary>Changes of one backlog by others, while this host works on it, before the batch fails and is delivered again.</summary>
    public int MaxLostRaces { get; init; } = 20;

    /// <summary>Far longer than any delay between replicas or clocks, which is how what expired is told from what is not yet seen.</summary>
    public static TimeSpan MinKeepOutcomes { get; } = TimeSpan.FromHours(1);
}
