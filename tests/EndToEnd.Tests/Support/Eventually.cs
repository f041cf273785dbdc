using System.Text.Json.Nodes;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Support;

/// <summary>Waits for a condition, never for a duration. The limit only turns a test that would hang into one that says for what.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Asks again until the answer is as it is to be.</summary>
    public static async Task<JsonNode> GetAsync(Api api, string path, Func<JsonNode, bool> condition)
    {
        Answer? last = null;
        await TrueAsync(
            async () =>
            {
                last = await api.GetAsync(path);
                return last.Status == 200 && condition(last.Json);
            },
            () => $"{path}: {last?.Status} {last?.Body}");
        return last!.Json;
    }

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? what = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"Still not so. {what?.Invoke()}");
            }
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
