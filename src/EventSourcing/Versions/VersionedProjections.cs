using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Serverless.EventSourcing;

/// <summary>
/// The projection that answers for a name, and the version of its documents. They differ while newer code is deployed and its version not
/// built: then the documents of the old one still answer, as they are. While it is building, its feed has never caught up: an answer may
/// lack events of any age.
/// </summary>
public sealed record ServedProjection(IProjection Projection, int Version, bool IsBuilding);

/// <summary>
/// Knows for each projection of a context which version serves and what the others are for. Records are read again when they are older
/// than <see cref="ConsumerOptions.VersionsMaxAge"/>, so that is how long a change takes to reach every instance.
/// </summary>
public sealed class VersionedProjections(BoundedContext context, IVersionStore store, TimeProvider time, ConsumerOptions options)
{
    private const int MaxAttempts = 10;

    private readonly FrozenDictionary<string, IProjection[]> inCode =
        context.Projections.GroupBy(p => p.Name).ToFrozenDictionary(g => g.Key, g => g.OrderBy(p => p.Version).ToArray(), StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, (ProjectionVersions Versions, long ReadAt)> known = new(StringComparer.Ordinal);

    /// <summary>In the order in which the context registers them.</summary>
    public IReadOnlyList<string> Names { get; } = [.. context.Projections.Select(p => p.Name).Distinct()];

    public bool Contains(string name) => inCode.ContainsKey(name);

    /// <summary>The versions of a projection that this code has, oldest first; none for a name that it does not know.</summary>
    public IReadOnlyList<IProjection> InCode(string name) => inCode.GetValueOrDefault(name) ?? [];

    /// <summary>Who answers queries for a name.</summary>
    /// <exception cref="VersionChangeException">Every version in this code is retired.</exception>
    public async ValueTask<ServedProjection> ServingAsync(string name, CancellationToken cancellationToken)
    {
        IProjection[] versions = inCode[name];
        ProjectionVersions record = await RecentAsync(name, cancellationToken);
        int serving = record.ServingFor([.. versions.Select(v => v.Version)]);
        return new ServedProjection(
            versions.FirstOrDefault(v => v.Version == serving) ?? versions[^1], serving, IsBuilding: record.Find(serving)?.CaughtUpAt is null);
    }

    /// <summary>What a version is for, as of a short while ago.</summary>
    public async ValueTask<VersionStatus> StatusOfAsync(IProjection projection, CancellationToken cancellationToken) =>
        (await FindAsync(projection, cancellationToken)).Status;

    /// <summary>A version as of a short while ago.</summary>
    public async ValueTask<ProjectionVersion> FindAsync(IProjection projection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return (await RecentAsync(projection.Name, cancellationToken)).Find(projection.Version)!;
    }

    /// <summary>Notes when the feed of a version first delivered something, once.</summary>
    public async ValueTask NoteStartAsync(IProjection projection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(projection);
        if ((await RecentAsync(projection.Name, cancellationToken)).Find(projection.Version)!.StartedAt is null)
        {
            await ChangeAsync(
                projection.Name,
                (r, now) => r.Find(projection.Version) is { StartedAt: null } version ? r.With(version with { StartedAt = now }) : r,
                cancellationToken);
        }
    }

    /// <summary>The record as it is now; it is begun if there is none.</summary>
    public async Task<ProjectionVersions> ReadAsync(string name, CancellationToken cancellationToken)
    {
        int[] versions = [.. inCode[name].Select(v => v.Version)];
        for (int attempt = 1; ; attempt++)
        {
            DateTimeOffset now = time.GetUtcNow();
            ProjectionVersions? stored = await store.ReadAsync(name, cancellationToken);
            ProjectionVersions current = stored?.Knowing(versions, now) ?? ProjectionVersions.First(name, versions, now);
            if (ReferenceEquals(current, stored))
            {
                Remember(current);
                return current;
            }
            if (!await store.TryWriteAsync(current, cancellationToken) && attempt == MaxAttempts)
            {
                throw new VersionContentionException(name);
            }
        }
    }

    /// <summary>Changes the record, again if another instance was faster.</summary>
    /// <exception cref="VersionChangeException">The change is not possible.</exception>
    public async Task<ProjectionVersions> ChangeAsync(
        string name, Func<ProjectionVersions, DateTimeOffset, ProjectionVersions> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            ProjectionVersions current = await ReadAsync(name, cancellationToken);
            ProjectionVersions changed = change(current, time.GetUtcNow());
            if (ReferenceEquals(changed, current) || await store.TryWriteAsync(changed, cancellationToken))
            {
                Remember(changed);
                return changed;
            }
        }
        throw new VersionContentionException(name);
    }

    private async ValueTask<ProjectionVersions> RecentAsync(string name, CancellationToken cancellationToken) =>
        known.TryGetValue(name, out (ProjectionVersions Versions, long ReadAt) recent) && time.GetElapsedTime(recent.ReadAt) < options.VersionsMaxAge
            ? recent.Versions
            : await ReadAsync(name, cancellationToken);

    // Of a record that was just written this keeps everything but its ETag, which nobody takes from here.
    private void Remember(ProjectionVersions versions) => known[versions.Projection] = (versions, time.GetTimestamp());
}

/// <summary>Other instances changed the record of a projection again and again.</summary>
public sealed class VersionContentionException(string projection) : Exception($"The versions of '{projection}' changed again and again. Try again.");

/// <summary>An operator holds this version: its feed keeps its place until it is resumed.</summary>
public sealed class VersionPausedException(string consumer) : ConsumerStoppedException($"{consumer} is paused.");
