using Microsoft.Extensions.Time.Testing;

namespace Serverless.LocalWorker.Tests.Support;

internal static class FakeTime
{
    /// <summary>Waits for a condition, then passes the delay that follows it, however late the code under test begins to wait.</summary>
    public static async Task AdvanceToNextTimerAsync(this FakeTimeProvider time, Func<bool> condition, TimeSpan delay, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(1, cancellationToken);
        }

        while (condition())
        {
            time.Advance(delay);
            await Task.Delay(1, cancellationToken);
        }
    }
}
