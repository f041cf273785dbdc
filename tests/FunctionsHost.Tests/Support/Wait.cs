using System.Runtime.CompilerServices;

namespace Serverless.FunctionsHost.Tests.Support;

/// <summary>Waits for a condition. The limit only turns a test that would hang into one that says for what.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        UntilAsync(() => Task.FromResult(condition()), text);

    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"Still not true: {text}");
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
