using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Cosmos;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>
/// One life of the emulator's process as its clients see it. A broken connection is what its end looks like, and nothing else: one
/// that breaks before is a finding.
/// </summary>
internal sealed class Life : IDisposable
{
    private const int Attempts = 5;

    private readonly CancellationTokenSource ended = new();
    private volatile bool ending;

    public CancellationToken Ended => ended.Token;

    public async Task EndAsync(Func<Task> kill)
    {
        ending = true;
        await kill();
        await ended.CancelAsync(); // Only now: a client would go on trying to reach the dead process.
    }

    /// <summary>
    /// Whether this is how a client hears of the end. What was under way is neither acknowledged nor refused then. The SDK wraps the
    /// fault of a socket in an exception of its own, or several in one when it looks for another region meanwhile.
    /// </summary>
    public bool IsOver(Exception exception) => exception switch
    {
        // To be slow is no fault: the machine has other things to do. The SDK ends its patience with some requests after seconds.
        OperationCanceledException => true,
        CosmosException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout or 0 } => true,
        HttpRequestException or IOException or SocketException => ending,
        // The client repeats a write whose connection has broken, and may meet its own first attempt.
        CosmosException { StatusCode: HttpStatusCode.Conflict or HttpStatusCode.NotFound } => Ended.IsCancellationRequested,
        AggregateException several => several.Flatten().InnerExceptions.All(IsOver),
        { InnerException: { } cause } => IsOver(cause),
        _ => false,
    };

    /// <summary>Does again what only took the SDK too long. A connection that is refused or broken fails it at once.</summary>
    public static async Task PatientlyAsync(Func<Task> work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception exception) when (attempt < Attempts && IsTimeout(exception))
            {
            }
        }
    }

    public void Dispose() => ended.Dispose();

    private static bool IsTimeout(Exception exception) =>
        exception is OperationCanceledException
        || (exception is CosmosException { StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.ServiceUnavailable } failed && HasTimedOut(failed));

    private static bool HasTimedOut(Exception exception) =>
        exception is OperationCanceledException || (exception.InnerException is { } cause && HasTimedOut(cause));
}
