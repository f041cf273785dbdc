namespace Serverless.EventSourcing;

/// <summary>What is executed of one stream with one batch of the feed.</summary>
internal sealed class InboxSlice(
    StreamName stream, InboxExecutor executor, IInboxStore inbox, TimeProvider time, InboxOptions options)
{
    private readonly HashSet<string> done = new(StringComparer.Ordinal);
    private readonly List<InboxFailure> failures = [];
    private int executed;

    public int Settled { get; private set; }

    /// <summary>More commands wait, behind the backlog.</summary>
    public bool IsLeft { get; private set; }

    public IReadOnlyList<InboxFailure> Failures => failures;

    public async Task RunAsync(IReadOnlyList<InboxChange> changes, CancellationToken cancellationToken)
    {
        List<InboxChange> pending = [.. changes.Where(c => c.Kind == InboxChangeKind.Pending)];
        if (pending.Count == 0 && !changes.Any(c => c.Kind == InboxChangeKind.Backlog))
        {
            return; // The echo of outcomes.
        }
        for (int races = 0; !await TryRunAsync(pending, cancellationToken); races++)
        {
            if (races == options.MaxLostRaces)
            {
                throw new InboxContentionException(stream, races);
            }
        }
    }

    /// <summary>False when another host changed the backlog meanwhile: look again.</summary>
    private async Task<bool> TryRunAsync(List<InboxChange> pending, CancellationToken cancellationToken)
    {
        if (await inbox.ReadBacklogAsync(stream, cancellationToken) is { } backlog)
        {
            // Read after the backlog was, these changes include everything that was delivered. So it is acknowledged by what is written
            // over the backlog, and only by that: a host that saw less, and wants to delete it, trips over the write.
            (string position, bool isEnd) = await DrainAsync(backlog.Position, cancellationToken);
            if (!isEnd)
            {
                IsLeft = await inbox.TryWriteBacklogAsync(backlog with { Position = position }, cancellationToken);
                return IsLeft;
            }
            if (!await inbox.TryDeleteBacklogAsync(backlog, cancellationToken))
            {
                return false;
            }
        }
        if (await ExecuteAsync(pending, cancellationToken) is not { } left)
        {
            IsLeft = false;
            return true;
        }
        InboxBacklog rest = new() { Stream = stream, Position = left.Position, Since = time.GetUtcNow() };
        IsLeft = await inbox.TryWriteBacklogAsync(rest, cancellationToken);
        return IsLeft;
    }

    /// <summary>Goes through the stream's changes for a slice. Returns where to go on.</summary>
    private async Task<(string Position, bool IsEnd)> DrainAsync(string position, CancellationToken cancellationToken)
    {
        for (int pages = 0; pages < options.MaxPagesPerSlice && executed < options.MaxCommandsPerSlice; pages++)
        {
            InboxPage page = await inbox.ReadChangesAsync(
                stream, position, options.MaxCommandsPerSlice, cancellationToken);
            if (page.IsEnd)
            {
                return (page.Position, true);
            }
            if (await ExecuteAsync(page.Changes.Where(c => c.Kind == InboxChangeKind.Pending), cancellationToken) is not null)
            {
                break; // The rest of the page next time: those before it are settled then.
            }
            position = page.Position;
        }
        return (position, false);
    }

    /// <summary>Executes in order. Returns the first that is left because the slice is full or the stream too busy; null when none is.</summary>
    private async Task<InboxChange?> ExecuteAsync(IEnumerable<InboxChange> pending, CancellationToken cancellationToken)
    {
        foreach (InboxChange change in pending)
        {
            if (done.Contains(change.Id))
            {
                continue;
            }
            if (executed == options.MaxCommandsPerSlice)
            {
                return change;
            }
            (InboxExecution result, InboxFailure? failure) = await executor.ExecuteAsync(change, cancellationToken);
            if (result == InboxExecution.Contended)
            {
                return change;
            }
            executed++;
            done.Add(change.Id);
            Settled += result == InboxExecution.Settled ? 1 : 0;
            if (failure is not null)
            {
                failures.Add(failure);
                executed = options.MaxCommandsPerSlice; // Its attempts took long enough, and the next one may fail as well.
            }
        }
        return null;
    }
}
