using System.Diagnostics;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Invocation;

/// <summary>The pauses between attempts: always the same, or doubled with a fifth of randomness up to a maximum.</summary>
internal sealed class RetryDelays(TimeSpan minimum, TimeSpan maximum)
{
    private const double Randomness = 0.2;
    private const int MostDoublings = 30; // Enough for any interval, and far from overflow.

    private TimeSpan current;
    private int doublings = -1;

    public static RetryDelays Of(RetryOptions retry) => retry.Strategy switch
    {
        RetryOptions.Types.Strategy.FixedDelay => new RetryDelays(retry.Delay.ToTimeSpan(), retry.Delay.ToTimeSpan()),
        RetryOptions.Types.Strategy.ExponentialBackoff => new RetryDelays(retry.Minimum.ToTimeSpan(), retry.Maximum.ToTimeSpan()),
        _ => throw new UnreachableException($"No delays for {retry.Strategy}."),
    };

    public TimeSpan Next()
    {
        if (current == maximum)
        {
            return maximum;
        }

        // The first delay is the minimum. The spread of the others keeps hosts apart that failed together; nothing about it is secret.
        double growth = doublings < 0 ? 0 : Math.Pow(2, doublings) * (1 - Randomness + (2 * Randomness * Random.Shared.NextDouble()));
        double delayMs = Math.Min(minimum.TotalMilliseconds * (1 + growth), maximum.TotalMilliseconds);
        doublings = Math.Min(doublings + 1, MostDoublings);
        return current = TimeSpan.FromMilliseconds(delayMs);
    }
}
