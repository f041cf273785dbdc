using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The retry policy of a function: how often, and in the two derived types how late, a failed invocation is repeated.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    public RetryAttribute()
    {
    }

    /// <summary>Repetitions after the first attempt; a negative number never gives up.</summary>
    public int MaxRetryCount { get; set; }

    private protected static TimeSpan ParseInterval(string interval, string parameterName) =>
        TimeSpan.TryParse(interval, CultureInfo.InvariantCulture, out TimeSpan parsed) && parsed >= TimeSpan.Zero
            ? parsed
            : throw new ArgumentOutOfRangeException(parameterName, interval, "A retry interval is a non-negative HH:mm:ss.");
}

/// <summary>The same delay before each repetition.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        ParseInterval(delayInterval, nameof(delayInterval));
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    public string DelayInterval { get; }
}

/// <summary>A delay that grows from the minimum to the maximum.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        TimeSpan minimum = ParseInterval(minimumInterval, nameof(minimumInterval));
        TimeSpan maximum = ParseInterval(maximumInterval, nameof(maximumInterval));
        if (minimum > maximum)
        {
            throw new ArgumentException("The minimum interval exceeds the maximum.", nameof(minimumInterval));
        }

        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    public string MinimumInterval { get; }

    public string MaximumInterval { get; }
}
