namespace Serverless.EventSourcing;

/// <summary>How far a retirement has come: call it again until it is complete.</summary>
public sealed record RetirementResult(int Deleted, bool IsComplete);

/// <summary>Ends a version of a projection for good: it is fed no more, and its documents and what it has parked are deleted.</summary>
public sealed class VersionRetirement(
    VersionedProjections versions, IViewStore views, IParkedStore parked, TimeProvider time, ConsumerOptions options)
{
    /// <summary>Retires a version and deletes what it has, for as long as <paramref name="limit"/> allows.</summary>
    /// <exception cref="VersionChangeException">It serves, or did so until just now.</exception>
    public async Task<RetirementResult> RunAsync(string name, int version, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        ProjectionVersions record = await versions.ChangeAsync(
            name,
            (r, now) =>
            {
                ProjectionVersions changed = r.Retire(version, now);
                // Other instances answer from it until they have heard that another one serves.
                return r.Find(version) is { Status: VersionStatus.Standby } old && now - old.Since < Hearsay
                    ? throw new VersionChangeException($"{name}@{version} may have served until just now. Try again in {Hearsay.TotalSeconds:0} seconds.")
                    : changed;
            },
            cancellationToken);
        // What waits there for a retry would be written into what is deleted.
        await ForgetParkedAsync($"{name}@{version}", cancellationToken);
        int deleted = 0;
        foreach (ViewKind kind in Enum.GetValues<ViewKind>())
        {
            ViewQuery query = new(name, version, kind, Key: null, NewestFirst: false, ViewLimits.MaxPageSize, Continuation: null);
            do
            {
                if (time.GetElapsedTime(start) > limit)
                {
                    return new RetirementResult(deleted, IsComplete: false);
                }
                ViewPage page = await views.ListAsync(query, cancellationToken);
                foreach (IGrouping<string, ViewItem> key in page.Items.GroupBy(i => i.Key))
                {
                    foreach (ViewItem[] batch in key.Chunk(ViewLimits.MaxDocumentsPerWrite))
                    {
                        ViewWrite write = await views.TryDeleteAsync(
                            new ViewPartition(name, version, key.Key), [.. batch.Select(i => i.Document)], cancellationToken);
                        deleted += write.IsWritten ? batch.Length : 0;
                    }
                }
                query = query with { Continuation = page.Continuation };
            }
            while (query.Continuation is not null);
        }
        // What another instance wrote before it heard of the end is found by the next call.
        bool hasEverybodyHeard = time.GetUtcNow() - record.Find(version)!.Since > Hearsay;
        return new RetirementResult(deleted, deleted == 0 && hasEverybodyHeard);
    }

    private async Task ForgetParkedAsync(string consumer, CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            ParkedPage page = await parked.ListAsync(consumer, ParkedStreams.RecordsPerPage, continuation, cancellationToken);
            foreach (ParkedStream record in page.Items)
            {
                await parked.TryDeleteAsync(record, cancellationToken);
            }
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private TimeSpan Hearsay => options.VersionsMaxAge * 2;
}
