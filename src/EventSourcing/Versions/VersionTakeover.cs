using System.Collections.Concurrent;

namespace Serverless.EventSourcing;

/// <summary>
/// What a look at the versions found, as <c>name@version</c>: those that took over, those that served already and have caught up now, and
/// whether others are still being built.
/// </summary>
public sealed record TakeoverLook(IReadOnlyList<string> Taken, IReadOnlyList<string> CaughtUp, bool IsBuilding);

/// <summary>Lets a version take over that has caught up and passes its check.</summary>
public sealed class VersionTakeover(
    VersionedProjections versions, ConsumerStatusReader status, IEventStore store, IViewStore views, OperatorActions actions, TimeProvider time,
    ConsumerOptions options)
{
    /// <summary>Who it was when nobody asked for it.</summary>
    public const string Actor = "system";

    private const int MaxDifferences = 10;

    /// <summary>Looks at every version of this code that is being built.</summary>
    public async Task<TakeoverLook> RunAsync(CancellationToken cancellationToken)
    {
        List<string> taken = [];
        List<string> caughtUp = [];
        bool isBuilding = false;
        foreach (string name in versions.Names)
        {
            ProjectionVersions record = await versions.ReadAsync(name, cancellationToken);
            if (record.Find(record.Serving)!.CaughtUpAt is null && versions.InCode(name).FirstOrDefault(p => p.Version == record.Serving) is { } first)
            {
                bool isAtHead = await IsAtHeadAsync(first, cancellationToken);
                if (isAtHead)
                {
                    caughtUp.Add(first.FullName);
                }
                isBuilding |= !isAtHead;
            }
            // The newest first: when it takes over, the others have nothing to take over from.
            foreach (IProjection next in versions.InCode(name).Reverse()
                .Where(p => p.Version > record.Serving && record.Find(p.Version)!.Status == VersionStatus.Building))
            {
                if (await TryAsync(next, cancellationToken))
                {
                    taken.Add(next.FullName);
                    break;
                }
                isBuilding = true;
            }
        }
        return new TakeoverLook(taken, caughtUp, isBuilding);
    }

    /// <summary>Since when looks at a version have passed without comparing every sample, by its full name.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> passingSince = new(StringComparer.Ordinal);

    /// <summary>Whether a version that serves from its beginning has been at the end of every range. What is parked or failing has its own signs.</summary>
    private async Task<bool> IsAtHeadAsync(IProjection first, CancellationToken cancellationToken)
    {
        ConsumerStatus read = await status.ReadAsync(first.FullName, cancellationToken);
        bool isAtHead = read.State != ConsumerState.NotStarted && read.LagTime <= options.MaxTakeoverLag;
        if (isAtHead)
        {
            await versions.ChangeAsync(first.Name, (r, now) => r.CaughtUp(first.Version, now), cancellationToken);
        }
        return isAtHead;
    }

    /// <summary>Why a version has not caught up, in words; null when it has.</summary>
    public async Task<string?> FindLagAsync(string consumer, CancellationToken cancellationToken)
    {
        ConsumerStatus read = await status.ReadAsync(consumer, cancellationToken);
        return read switch
        {
            { State: ConsumerState.NotStarted } => "its feed has not started",
            { Parked: > 0 } => $"{read.Parked} streams are parked",
            { Failing: > 0 } => $"{read.Failing} streams are failing",
            // Under load there is always something on its way: what counts is how old it is.
            _ when read.LagTime > options.MaxTakeoverLag => $"{read.LagCommits} commits are to be done",
            _ => null,
        };
    }

    /// <summary>Lets a version serve because an operator says so: one that is built, or the one before, to roll back.</summary>
    /// <param name="name">The projection.</param>
    /// <param name="version">Any version that is not retired.</param>
    /// <param name="force">Whether it may be behind, and differ from what serves now.</param>
    /// <param name="cancellationToken">Ends the wait; what is changed stays.</param>
    /// <exception cref="VersionChangeException">It is not possible, or only by force.</exception>
    public async Task<ProjectionVersions> ServeAsync(string name, int version, bool force, CancellationToken cancellationToken)
    {
        ProjectionVersions record = await versions.ReadAsync(name, cancellationToken);
        record.Serve(version, time.GetUtcNow()); // Says what is not possible before anything else is asked.
        if (!force)
        {
            string consumer = $"{name}@{version}";
            if (await FindLagAsync(consumer, cancellationToken) is { } lag)
            {
                throw new VersionChangeException($"{consumer} is not up to date: {lag}.");
            }
            if (version > record.Serving && versions.InCode(name).FirstOrDefault(p => p.Version == version) is { } next
                && await CheckAsync(next, record.Serving, cancellationToken) is { IsPassed: false } result)
            {
                throw new VersionChangeException($"{consumer} differs from version {record.Serving}: {string.Join("; ", result.Differences)}.");
            }
        }
        return await versions.ChangeAsync(
            name, (r, now) => force ? r.Serve(version, now) : r.Serve(version, now).CaughtUp(version, now), cancellationToken);
    }

    /// <summary>Compares a sample of what serves now with what <paramref name="next"/> has.</summary>
    public async Task<VersionCheckResult> CheckAsync(IProjection next, int serving, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        List<string> differences = [];
        (int sampled, int compared) = (0, 0);
        ViewQuery query = new(next.Name, serving, ViewKind.View, Key: null, NewestFirst: false, ViewLimits.MaxPageSize, Continuation: null);
        while (sampled < next.Check.Samples && differences.Count < MaxDifferences)
        {
            ViewPage page = await views.ListAsync(query with { PageSize = Math.Min(ViewLimits.MaxPageSize, next.Check.Samples - sampled) }, cancellationToken);
            foreach (ViewItem item in page.Items)
            {
                sampled++;
                (bool isComparable, string? difference) = await CompareAsync(next, item, cancellationToken);
                compared += isComparable ? 1 : 0;
                if (difference is not null && differences.Count < MaxDifferences)
                {
                    differences.Add($"'{item.Key}' {difference}");
                }
            }
            if (page.Continuation is null)
            {
                break;
            }
            query = query with { Continuation = page.Continuation };
        }
        return new VersionCheckResult(time.GetUtcNow(), sampled, compared, differences);
    }

    private async Task<bool> TryAsync(IProjection next, CancellationToken cancellationToken)
    {
        if (await FindLagAsync(next.FullName, cancellationToken) is not null)
        {
            passingSince.TryRemove(next.FullName, out _);
            return false;
        }
        ProjectionVersions record = await versions.ReadAsync(next.Name, cancellationToken);
        VersionCheckResult result = await CheckAsync(next, record.Serving, cancellationToken);
        if (result.IsPassed && result.Compared < result.Sampled
            && time.GetUtcNow() - passingSince.GetOrAdd(next.FullName, _ => time.GetUtcNow()) <= options.MaxTakeoverLag)
        {
            // Some commits were too young to be compared. Whatever was on its way then is there at a later look, late, or failing.
            return false;
        }
        passingSince.TryRemove(next.FullName, out _);
        if (!result.IsPassed)
        {
            await versions.ChangeAsync(next.Name, (r, _) => Noting(r, next.Version, result), cancellationToken);
            return false;
        }
        OperatorAction action = actions.New("serve", next.FullName, Actor) with { Reason = $"caught up; {result.Sampled} documents compared" };
        bool isDone = false;
        await actions.RunAsync(
            action,
            async token =>
            {
                await versions.ChangeAsync(
                    next.Name,
                    // Another instance may have done it, or an operator may hold it by now.
                    (r, now) => (isDone = r.Find(next.Version)?.Status == VersionStatus.Building && r.Serving == record.Serving)
                        ? Noting(r, next.Version, result).Serve(next.Version, now).CaughtUp(next.Version, now)
                        : r,
                    token);
                return isDone;
            },
            done => new ActionOutcome(done ? "serving" : "superseded"),
            cancellationToken);
        return isDone;
    }

    private async Task<(bool IsComparable, string? Difference)> CompareAsync(IProjection next, ViewItem old, CancellationToken cancellationToken)
    {
        ViewRead read = await views.ReadAsync(new ViewPartition(next.Name, next.Version, old.Key), [old.Document.Id], cancellationToken);
        ViewDocument? built = read.Documents.FirstOrDefault(d => d.Kind == ViewKind.View);
        bool isComparable = built is not null;
        foreach ((string stream, long version) in old.Document.Seen)
        {
            long seen = built?.Seen.GetValueOrDefault(stream) ?? 0;
            if (seen < version && await IsLateAsync(StreamName.Parse(stream), seen + 1, cancellationToken))
            {
                return (false, built is null ? "is missing" : $"has seen {stream} up to version {seen}, not {version}");
            }
            isComparable &= seen == version;
        }
        if (built is null)
        {
            // Without a fence of its own in the document nothing says how new it is.
            return (false, old.Document.Seen.Count == 0 && time.GetUtcNow() - old.Document.AsOf > options.MaxTakeoverLag ? "is missing" : null);
        }
        // What has gone on meanwhile can't be compared; the next look at it, or the rest of the sample, can.
        return isComparable && old.Document.AsOf == built.AsOf && old.Document.Seen.Count == built.Seen.Count
            ? (true, next.Check.Compare(new ViewSample(old.Key, old.Document.Data, built.Data)))
            : (false, null);
    }

    /// <summary>
    /// Old and new documents are read at different moments, from feeds that are at different places: a commit that is younger than the
    /// allowed lag may be in one and not yet in the other.
    /// </summary>
    private async Task<bool> IsLateAsync(StreamName stream, long version, CancellationToken cancellationToken)
    {
        await foreach (Commit missing in store.ReadAsync(stream, version, cancellationToken))
        {
            return time.GetUtcNow() - missing.Metadata.Timestamp > options.MaxTakeoverLag;
        }
        return true;
    }

    private static ProjectionVersions Noting(ProjectionVersions record, int version, VersionCheckResult result) =>
        record.Find(version) is not { } checkedVersion || result.SaysTheSameAs(checkedVersion.LastCheck)
            ? record
            : record.With(checkedVersion with { LastCheck = result });
}
