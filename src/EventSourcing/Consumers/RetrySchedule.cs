namespace Serverless.EventSourcing;

/// <summary>
/// Retries parked streams when their time has come, without a timer: a feed of the records themselves keeps it going. A record that is
/// written calls it, and it returns only when no stream of the consumer waits any more or one record was written again, which calls it
/// once more. One touched record per consumer is enough, because each call looks at all of them.
/// </summary>
public sealed class RetrySchedule(ParkedStreams parked, IParkedStore records, TimeProvider time, ConsumerOptions options)
{
    /// <summary>Waits for what is due within <see cref="ConsumerOptions.MaxRetryWait"/> and retries it.</summary>
    public async Task RunAsync(IConsumer consumer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        DateTimeOffset end = time.GetUtcNow() + options.MaxRetryWait;
        while (await FindNextAsync(consumer, cancellationToken) is { } next)
        {
            DateTimeOffset now = time.GetUtcNow();
            DateTimeOffset due = next.DueAt(options);
            if (due <= now)
            {
                // What fails again is due later, so this comes to an end.
                await parked.RetryAllAsync(consumer, onlyDue: true, cancellationToken);
            }
            else if (now < end)
            {
                await Task.Delay((due < end ? due : end) - now, time, cancellationToken);
            }
            else if (await records.TryWriteAsync(next, cancellationToken) is not null)
            {
                return;
            }
            // Who was faster may have deleted it: then another one has to be touched.
        }
    }

    private async Task<ParkedStream?> FindNextAsync(IConsumer consumer, CancellationToken cancellationToken)
    {
        ParkedStream? next = null;
        string? continuation = null;
        do
        {
            ParkedPage page = await records.ListAsync(consumer.FullName, ParkedStreams.RecordsPerPage, continuation, cancellationToken);
            next = page.Items.Append(next).OfType<ParkedStream>().MinBy(r => r.DueAt(options));
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return next;
    }
}
