using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Views;

/// <summary>
/// What was found under a key: the document, null when there is none, and the request units of every look.
/// </summary>
public sealed record ViewLook(ViewDocument? Document, double RequestCharge)
{
    /// <summary>How far the view has come with the streams that were asked for.</summary>
    public IReadOnlyList<SeenVersion> Reached { get; init; } = [];

    /// <summary>The fences that are known; null when none is, as for totals of which no stream was asked for.</summary>
    public IReadOnlyDictionary<string, long>? Seen
    {
        get
        {
            SortedDictionary<string, long> seen = new(Document?.Seen.ToDictionary() ?? [], StringComparer.Ordinal);
            foreach (SeenVersion reached in Reached)
            {
                seen[reached.Stream.Value] = reached.Version;
            }
            return seen.Count == 0 ? null : seen;
        }
    }
}

/// <summary>
/// Reads the document of a key, and waits for it to see what the caller has written: views follow the commits with a delay, and who
/// has just got the answer to a command wants to see what it did.
/// </summary>
public sealed class ViewReader(IViewStore views, IParkedStore parked, TimeProvider time)
{
    private int waiting;

    /// <summary>The document of a key as it is, or as soon as it is as far as <paramref name="seen"/>.</summary>
    /// <exception cref="ProblemException">The view did not come as far as <paramref name="seen"/> within the limit.</exception>
    public async Task<ViewLook> ReadAsync(
        ServedProjection served, string key, IReadOnlyList<SeenVersion> seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(served);
        ArgumentNullException.ThrowIfNull(seen);
        IProjection projection = served.Projection;
        (string partitionKey, string documentId) = projection.Locate(key);
        if (!ViewRules.IsKey(partitionKey) || !ViewRules.IsDocumentId(documentId))
        {
            return new ViewLook(null, 0); // No view can be stored under such a key.
        }
        ViewPartition partition = new(projection.Name, served.Version, partitionKey);
        if (seen.FirstOrDefault(s => !projection.Categories.Contains(s.Stream.Category)) is { } foreign)
        {
            throw new ProblemException(Problem.InvalidQuery("seen", $"'{projection.Name}' is not fed by '{foreign.Stream.Category}'."));
        }
        return await WaitAsync(projection, partition, documentId, seen, cancellationToken);
    }

    private async Task<ViewLook> WaitAsync(
        IProjection projection, ViewPartition partition, string documentId, IReadOnlyList<SeenVersion> seen, CancellationToken cancellationToken)
    {
        bool mayWait = Interlocked.Increment(ref waiting) <= HttpLimits.MaxWaitingQueries;
        try
        {
            return await LookAsync(projection, partition, documentId, seen, mayWait ? HttpLimits.MaxWaitForView : TimeSpan.Zero, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private async Task<ViewLook> LookAsync(
        IProjection projection, ViewPartition partition, string documentId, IReadOnlyList<SeenVersion> seen, TimeSpan longest,
        CancellationToken cancellationToken)
    {
        string[] ids = [.. seen.Select(s => projection.FenceOf(s.Stream)).Append(documentId).Distinct()];
        long start = time.GetTimestamp();
        double charge = 0;
        for (TimeSpan wait = HttpLimits.FirstLookAtView; ; wait = Min(wait * 2, HttpLimits.LongestLookAtView))
        {
            ViewRead read = await views.ReadAsync(partition, ids, cancellationToken);
            charge += read.RequestCharge;
            SeenVersion[] reached = [.. seen.Select(s => s with { Version = VersionIn(read, projection.FenceOf(s.Stream), s.Stream) })];
            if (seen.Zip(reached).FirstOrDefault(s => s.Second.Version < s.First.Version) is not ({ } wanted, { } behind))
            {
                return new ViewLook(DocumentIn(read, documentId), charge) { Reached = reached };
            }
            if (time.GetElapsedTime(start) + wait > longest)
            {
                throw new ProblemException(await FindBehindAsync(projection, wanted, behind.Version, charge, cancellationToken));
            }
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private static long VersionIn(ViewRead read, string fenceId, StreamName stream) =>
        read.Documents.FirstOrDefault(d => d.Id == fenceId)?.Seen.GetValueOrDefault(stream.Value) ?? 0;

    // Fences can stand among the documents; to a client they are nothing.
    private static ViewDocument? DocumentIn(ViewRead read, string id) => read.Documents.FirstOrDefault(d => d.Id == id && d.Kind == ViewKind.View);

    private async Task<Problem> FindBehindAsync(
        IProjection projection, SeenVersion seen, long version, double charge, CancellationToken cancellationToken)
    {
        string progress = $"'{projection.Name}' has seen {seen.Stream} up to version {version}, not yet {seen.Version}.";
        ParkedStream? record = await parked.ReadAsync(projection.FullName, seen.Stream.Value, cancellationToken);
        Problem problem = record is { Status: ParkedStatus.Parked } && record.FromVersion <= seen.Version
            ? new(ProblemKind.ViewParked, $"{progress} The stream is parked at version {record.FromVersion}: an operator has to retry or discard it.")
            : new(ProblemKind.ViewBehind, $"{progress} Send the query again.") { RetryAfter = TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds) };
        return problem with { Stream = seen.Stream, Version = version, WantedVersion = seen.Version, RequestCharge = charge };
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
