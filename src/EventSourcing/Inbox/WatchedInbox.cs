namespace Serverless.EventSourcing;

/// <summary>
/// Executes what a feed of the inbox delivers as <see cref="InboxRunner"/> does, and survives commands that kill the process: such a
/// command fails after some restarts, and those after it go on.
/// </summary>
public sealed class WatchedInbox(InboxRunner runner, InboxExecutor executor, IInboxStore inbox, CrashWatch watch, InboxOptions options)
{
    /// <summary>When it returns, every command delivered has its outcome or is behind the backlog of its stream.</summary>
    public async Task<InboxResult> HandleAsync(IReadOnlyList<InboxChange> changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        IReadOnlyList<InboxResult> results = await watch.RunAsync(
            InboxOptions.FeedName,
            changes.Count == 0 ? "" : $"{changes[0].Stream}/{changes[0].Id}",
            changes,
            c => c.Stream.Value,
            batch => runner.HandleAsync(batch, cancellationToken),
            (stream, deaths) => GiveUpAsync(stream, deaths, cancellationToken),
            cancellationToken);
        return new InboxResult(results.Sum(r => r.Settled), results.Sum(r => r.StreamsLeft), [.. results.SelectMany(r => r.Failures)]);
    }

    /// <summary>Commands of a stream are executed in order, so the first that waits is the one to blame. It fails, and the others go on.</summary>
    private async Task<InboxResult> GiveUpAsync(IReadOnlyList<InboxChange> changes, int deaths, CancellationToken cancellationToken)
    {
        StreamName stream = changes[0].Stream;
        IEnumerable<InboxChange> waiting = changes;
        if (await inbox.ReadBacklogAsync(stream, cancellationToken) is { } backlog)
        {
            waiting = (await inbox.ReadChangesAsync(stream, backlog.Position, options.MaxCommandsPerSlice, cancellationToken)).Changes;
        }
        List<InboxFailure> failures = [];
        foreach (InboxChange change in waiting.Where(c => c.Kind == InboxChangeKind.Pending))
        {
            if (await inbox.ReadAsync(stream, change.Id, cancellationToken) is { Outcome: null }
                && await executor.FailAsync(change, new ProcessDiedException(stream.Value, deaths), cancellationToken) is (_, { } failure))
            {
                failures.Add(failure);
                break;
            }
        }
        InboxResult rest = await runner.HandleAsync(changes, cancellationToken);
        return rest with { Settled = rest.Settled + failures.Count, Failures = [.. failures, .. rest.Failures] };
    }
}
