namespace Serverless.EventSourcing;

/// <summary>
/// Writes what <see cref="ConsumerMonitor"/> has counted into the records of consumers, at most once per
/// <see cref="ConsumerOptions.RecordInterval"/>, and not at all while nothing happens. The last write follows the last acknowledgement,
/// so it sees where the leases have come to.
/// </summary>
public sealed class ConsumerRecorder(
    ConsumerMonitor monitor, IConsumerStore records, IConsumerFeeds feeds, TimeProvider time, ConsumerOptions options)
{
    /// <summary>Runs until it is cancelled or a write fails; what was not written then is written by the next call.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await monitor.WaitForNewsAsync(cancellationToken);
            await Task.Delay(options.RecordInterval, time, cancellationToken);
            await FlushAsync(cancellationToken);
        }
    }

    /// <summary>Writes what there is now; for the end of a process.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        List<(string Consumer, ConsumerNews News)> left = [.. monitor.Take()];
        try
        {
            while (left.Count > 0)
            {
                await WriteAsync(left[0].Consumer, left[0].News, cancellationToken);
                left.RemoveAt(0);
            }
        }
        finally
        {
            left.ForEach(n => monitor.PutBack(n.Consumer, n.News));
        }
    }

    private async Task WriteAsync(string consumer, ConsumerNews news, CancellationToken cancellationToken)
    {
        IReadOnlyList<FeedPosition> positions = await feeds.ReadPositionsAsync(consumer, cancellationToken);
        while (true)
        {
            ConsumerRecord record = await records.ReadAsync(consumer, cancellationToken) ?? new ConsumerRecord { Consumer = consumer };
            if (await records.TryWriteAsync(record.With(news, positions, time.GetUtcNow()), cancellationToken))
            {
                return;
            }
        }
    }
}
