using Microsoft.Extensions.Time.Testing;

namespace Serverless.FunctionsHost.Tests.Support;

internal static class FakeTime
{
    /// <summary>Waits for a condition, then passes the delay that follows it, however late the code under test begins to wait.</summary>
    public static async Task AdvanceToNextTimerAsync(this FakeTimeProvider time, Func<bool> condition, TimeSpan delay)
    {
        await Wait.UntilAsync(condition);
        await Wait.UntilAsync(() =>
        {
            time.Advance(delay);
            return !condition();
        });
    }
}
