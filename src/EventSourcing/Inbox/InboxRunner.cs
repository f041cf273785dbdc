namespace Serverless.EventSourcing;

/// <summary>What a batch came to.</summary>
public sealed record InboxResult(int Settled, int StreamsLeft, IReadOnlyList<InboxFailure> Failures);

/// <summary>
/// Executes what a feed of the inbox delivers. When it returns, every command delivered has its outcome or is behind the backlog of
/// its stream, which makes the return the acknowledgement. Faults of the store are thrown, so that the feed delivers the batch again.
/// <para>
/// Streams go side by side, commands of one stream one after the other. Of each stream only a slice is executed at a time: what is
/// more is left to a backlog, a record that comes round through the same feed each time it is written, behind whatever other streams
/// have sent meanwhile. So a burst on one stream delays the others by a slice.
/// </para>
/// </summary>
public sealed class InboxRunner(InboxExecutor executor, IInboxStore inbox, TimeProvider time, InboxOptions options)
{
    /// <exception cref="InboxContentionException">Other hosts changed a backlog again and again.</exception>
    public async Task<InboxResult> HandleAsync(IReadOnlyList<InboxChange> changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        SideBySideResult<InboxSlice> slices = await SideBySide.RunAsync(
            [.. changes.GroupBy(c => c.Stream)],
            options.MaxParallelStreams,
            async (stream, token) =>
            {
                InboxSlice slice = new(stream.Key, executor, inbox, time, options);
                await slice.RunAsync([.. stream], token);
                return slice;
            },
            cancellationToken);
        slices.Failure?.Throw();
        IReadOnlyList<InboxSlice> finished = slices.Completed;
        return new InboxResult(finished.Sum(s => s.Settled), finished.Count(s => s.IsLeft), [.. finished.SelectMany(s => s.Failures)]);
    }
}

/// <summary>A backlog changed again and again while this host worked on it; the batch is to be delivered again.</summary>
public sealed class InboxContentionException(StreamName stream, int races)
    : DeliverAgainException($"The backlog of {stream} was changed by others {races} times in a row.")
{
    public StreamName Stream { get; } = stream;
}
