using System.Diagnostics;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Sends a write again whose answer was lost, for writes that take effect once however often they are sent. The client does not do so: it
/// can't know that this is safe.
/// </summary>
internal static class LostAnswer
{
    private const int MaxSends = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // A request that is cut off by its time-out has waited long enough.
    private static readonly TimeSpan LatestRepeat = TimeSpan.FromSeconds(10);

    public static async Task<T> RepeatAsync<T>(Func<Task<T>> send, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (int sends = 1; ; sends++)
        {
            try
            {
                return await send();
            }
            catch (Exception e) when (
                sends < MaxSends && IsLost(e) && !cancellationToken.IsCancellationRequested && Stopwatch.GetElapsedTime(start) < LatestRepeat)
            {
                await Task.Delay(Pause * sends, cancellationToken);
            }
        }
    }

    /// <summary>Whether the write may have been done. After a throttle it was not, and the client has waited and repeated it by itself.</summary>
    private static bool IsLost(Exception error) => error switch
    {
        CosmosException e => e.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.Gone or HttpStatusCode.InternalServerError
            or HttpStatusCode.ServiceUnavailable,
        HttpRequestException or TimeoutException or IOException or OperationCanceledException => true,
        _ => false,
    };
}
