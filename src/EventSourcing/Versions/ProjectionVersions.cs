namespace Serverless.EventSourcing;

/// <summary>What a version of a projection is for at the moment.</summary>
public enum VersionStatus
{
    /// <summary>It is fed from the beginning, and takes over as soon as it has caught up and passes its check.</summary>
    Building,

    /// <summary>It is fed, and serves only when an operator says so: what took its place may yet be rolled back.</summary>
    Standby,

    /// <summary>Queries are answered from it.</summary>
    Serving,

    /// <summary>An operator holds it: its feed keeps its place.</summary>
    Paused,

    /// <summary>It is not fed any more and its documents are deleted, for good.</summary>
    Retired,
}

/// <summary>One version of a projection as it stands. Mirrors stored data.</summary>
/// <param name="Version">As the code registers it.</param>
/// <param name="Status">What it is for.</param>
/// <param name="Since">When it got this status, UTC.</param>
public sealed record ProjectionVersion(int Version, VersionStatus Status, DateTimeOffset Since)
{
    /// <summary>When its feed first delivered something; null when it never did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>
    /// When its feed had reached the end of every range for the first time; null before that. A version may serve before, when nothing else
    /// could: then what it answers may lack events of any age.
    /// </summary>
    public DateTimeOffset? CaughtUpAt { get; init; }

    /// <summary>For how long it has been paused until now, the present pause left out.</summary>
    public TimeSpan PausedFor { get; init; }

    /// <summary>The status it had before it was paused.</summary>
    public VersionStatus? PausedFrom { get; init; }

    /// <summary>What the last comparison with the serving version found; null before the first one.</summary>
    public VersionCheckResult? LastCheck { get; init; }
}

/// <summary>
/// Which versions of a projection there are, and which one answers queries: exactly one. Every change is a new value; what is not
/// possible is refused with a reason. Mirrors stored data.
/// </summary>
public sealed record ProjectionVersions
{
    public required string Projection { get; init; }

    /// <summary>In order of version.</summary>
    public required IReadOnlyList<ProjectionVersion> Versions { get; init; }

    public string? ETag { get; init; }

    public int Serving => Versions.First(v => v.Status == VersionStatus.Serving).Version;

    /// <summary>The first record of a projection: the oldest version that the code has serves although it has to catch up first, the others are built.</summary>
    public static ProjectionVersions First(string projection, IReadOnlyCollection<int> inCode, DateTimeOffset now) => new()
    {
        Projection = projection,
        Versions = [.. inCode.Order().Select((v, i) => new ProjectionVersion(v, i == 0 ? VersionStatus.Serving : VersionStatus.Building, now))],
    };

    public ProjectionVersion? Find(int version) => Versions.FirstOrDefault(v => v.Version == version);

    /// <summary>The same with the versions of the code that it did not know: newer ones are built, older ones stand by.</summary>
    public ProjectionVersions Knowing(IReadOnlyCollection<int> inCode, DateTimeOffset now)
    {
        int[] unknown = [.. inCode.Where(v => Find(v) is null)];
        return unknown.Length == 0
            ? this
            : this with
            {
                Versions = [.. Versions
                    .Concat(unknown.Select(v => new ProjectionVersion(v, v > Serving ? VersionStatus.Building : VersionStatus.Standby, now)))
                    .OrderBy(v => v.Version)],
            };
    }

    /// <summary>
    /// The version that a process answers from that has the given versions in its code. One that newer code has replaced goes on serving as
    /// it is until the new one is built. One that is newer than all of the code has been rolled back with it: then the newest that is left.
    /// </summary>
    /// <exception cref="VersionChangeException">All that the code has is retired.</exception>
    public int ServingFor(IReadOnlyCollection<int> inCode)
    {
        ArgumentNullException.ThrowIfNull(inCode);
        if (inCode.Contains(Serving) || inCode.Any(v => v > Serving))
        {
            return Serving;
        }
        int[] left = [.. inCode.Where(v => Find(v)?.Status != VersionStatus.Retired)];
        return left.Length > 0
            ? left.Max()
            : throw new VersionChangeException($"Every version of '{Projection}' in this deployment is retired. Raise the version to build it anew.");
    }

    /// <summary>
    /// Lets another version answer, whether newer or older; the one that did so until now stands by, and so does what was being built in
    /// between: it has nothing to take over any more.
    /// </summary>
    public ProjectionVersions Serve(int version, DateTimeOffset now)
    {
        ProjectionVersion next = Require(version);
        return next.Status switch
        {
            VersionStatus.Serving => throw Refused(version, "serves already"),
            VersionStatus.Retired => throw Refused(version, "is retired; its documents are deleted"),
            _ => this with { Versions = [.. Versions.Select(v => Beside(v)).Select(v => v.Version == version ? Served(v) : v)] },
        };

        ProjectionVersion Beside(ProjectionVersion other) =>
            other.Status == VersionStatus.Serving || (other.Status == VersionStatus.Building && other.Version < version)
                ? other with { Status = VersionStatus.Standby, Since = now }
                : other;

        ProjectionVersion Served(ProjectionVersion chosen) =>
            Unpaused(chosen, now) with { Status = VersionStatus.Serving, Since = now, PausedFrom = null };
    }

    public ProjectionVersions Pause(int version, DateTimeOffset now)
    {
        ProjectionVersion held = Require(version);
        return held.Status switch
        {
            VersionStatus.Building or VersionStatus.Standby =>
                With(held with { Status = VersionStatus.Paused, Since = now, PausedFrom = held.Status }),
            VersionStatus.Serving => throw Refused(version, "serves: let another version serve first"),
            VersionStatus.Paused => throw Refused(version, "is paused already"),
            _ => throw Refused(version, "is retired"),
        };
    }

    /// <summary>Lets a paused version go on. One that stands by is built, which means that it may take over by itself.</summary>
    public ProjectionVersions Resume(int version, DateTimeOffset now)
    {
        ProjectionVersion held = Require(version);
        return held.Status switch
        {
            VersionStatus.Paused => With(Unpaused(held, now) with { Status = held.PausedFrom ?? VersionStatus.Building, Since = now, PausedFrom = null }),
            VersionStatus.Standby when version > Serving => With(held with { Status = VersionStatus.Building, Since = now }),
            _ => throw Refused(version, "is not paused"),
        };
    }

    public ProjectionVersions Retire(int version, DateTimeOffset now)
    {
        ProjectionVersion old = Require(version);
        return old.Status switch
        {
            VersionStatus.Serving => throw Refused(version, "serves: let another version serve first"),
            VersionStatus.Retired => this, // Its documents may not all be deleted yet.
            _ => With(old with { Status = VersionStatus.Retired, Since = now, PausedFrom = null }),
        };
    }

    /// <summary>Notes that a version has caught up, once.</summary>
    public ProjectionVersions CaughtUp(int version, DateTimeOffset now) =>
        Find(version) is { CaughtUpAt: null } found ? With(found with { CaughtUpAt = now }) : this;

    /// <summary>Replaces one version, which must be known.</summary>
    public ProjectionVersions With(ProjectionVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return this with { Versions = [.. Versions.Select(v => v.Version == version.Version ? version : v)] };
    }

    private ProjectionVersion Require(int version) =>
        Find(version) ?? throw new VersionChangeException(
            $"'{Projection}' has no version {version}. It has: {string.Join(", ", Versions.Select(v => v.Version))}.");

    private static ProjectionVersion Unpaused(ProjectionVersion version, DateTimeOffset now) =>
        version.Status == VersionStatus.Paused ? version with { PausedFor = version.PausedFor + (now - version.Since) } : version;

    private VersionChangeException Refused(int version, string reason) => new($"{Projection}@{version} {reason}.");
}

/// <summary>What was asked of a version of a projection is not possible as it stands. Nothing was changed.</summary>
public sealed class VersionChangeException(string message) : Exception(message);
