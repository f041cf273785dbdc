namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>Waits for a condition, with a limit that only a fault reaches.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Never happened: {what}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
