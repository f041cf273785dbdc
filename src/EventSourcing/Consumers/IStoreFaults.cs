namespace Serverless.EventSourcing;

/// <summary>
/// Says which exceptions are faults of the store: throttling, timeouts, server errors, lost connections, a missing container, missing
/// rights, shutting down, cancellation. After such a fault the same work is done again until it succeeds, and nothing is parked.
/// <para>
/// Every other exception is poison if it keeps coming back for one stream: that stream is parked, or that one inbox command fails, and
/// everything else goes on. An answer about one write, such as 400 or 413, is therefore not a fault of the store.
/// </para>
/// </summary>
public interface IStoreFaults
{
    bool IsFault(Exception error);

    /// <summary>The error in a line: what failed, where, and how. Diagnostics of a vendor stay out of it.</summary>
    string Describe(Exception error) => $"{error.GetType().Name}: {error.Message}";
}

/// <summary>The faults of any store behind a network. A store with exceptions of its own adds them to these.</summary>
public sealed class NetworkFaults : IStoreFaults
{
    public bool IsFault(Exception error) =>
        error is OperationCanceledException or TimeoutException or HttpRequestException or IOException or ObjectDisposedException;
}

/// <summary>
/// The work is to be delivered again: another host was faster, an operator paused the consumer, or a replica is behind. Neither the
/// store nor a stream is to blame.
/// </summary>
public abstract class DeliverAgainException(string message) : Exception(message);

internal static class StoreFaultsExtensions
{
    extension(IStoreFaults faults)
    {
        /// <summary>Whether the same work must be done again later, and no stream may be parked for it.</summary>
        public bool MustRetry(Exception error) => error is DeliverAgainException || faults.IsFault(error);
    }
}
