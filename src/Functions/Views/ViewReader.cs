using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Views;

/// <summary>
/// Reads the document of a key, and waits for it to see what the caller has written: views follow the commits with a delay, and who
/// has just got the answer to a command wants to see what it did.
/// </summary>
public sealed class ViewReader(IViewStore views, TimeProvider time)
{
    /// <summary>The document, null when there is none, with the request units of every look.</summary>
    /// <exception cref="ProblemException">The view did not come as far as <paramref name="seen"/> within the limit.</exception>
    public async Task<(ViewDocument? Document, double RequestCharge)> ReadAsync(
        IProjection projection, string key, SeenVersion? seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(projection);
        (string partitionKey, string documentId) = projection.Locate(key);
        if (!ViewRules.IsKey(partitionKey) || !ViewRules.IsDocumentId(documentId))
        {
            return (null, 0); // No view can be stored under such a key.
        }
        ViewPartition partition = new(projection.Name, projection.Version, partitionKey);
        if (seen is null)
        {
            ViewRead read = await views.ReadAsync(partition, [documentId], cancellationToken);
            return (DocumentIn(read, documentId), read.RequestCharge);
        }
        if (!projection.Categories.Contains(seen.Stream.Category))
        {
            throw new ProblemException(Problem.InvalidQuery("seen", $"'{projection.Name}' is not fed by '{seen.Stream.Category}'."));
        }
        return await WaitAsync(partition, documentId, projection.FenceOf(seen.Stream), seen, cancellationToken);
    }

    private async Task<(ViewDocument? Document, double RequestCharge)> WaitAsync(
        ViewPartition partition, string documentId, string fenceId, SeenVersion seen, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        double charge = 0;
        for (TimeSpan wait = HttpLimits.FirstLookAtView; ; wait = Min(wait * 2, HttpLimits.LongestLookAtView))
        {
            ViewRead read = await views.ReadAsync(partition, fenceId == documentId ? [documentId] : [documentId, fenceId], cancellationToken);
            charge += read.RequestCharge;
            long version = read.Documents.FirstOrDefault(d => d.Id == fenceId)?.Seen.GetValueOrDefault(seen.Stream.Value) ?? 0;
            if (version >= seen.Version)
            {
                return (DocumentIn(read, documentId), charge);
            }
            if (time.GetElapsedTime(start) + wait > HttpLimits.MaxWaitForView)
            {
                throw new ProblemException(Behind(partition, seen, version, charge));
            }
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    // Fences can stand among the documents; to a client they are nothing.
    private static ViewDocument? DocumentIn(ViewRead read, string id) => read.Documents.FirstOrDefault(d => d.Id == id && d.Kind == ViewKind.View);

    private static Problem Behind(ViewPartition partition, SeenVersion seen, long version, double charge) =>
        new(ProblemKind.ViewBehind, $"'{partition.Projection}' has seen {seen.Stream} up to version {version}, not yet {seen.Version}. Ask again.")
        {
            Stream = seen.Stream,
            Version = version,
            RequestCharge = charge,
            RetryAfter = TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds),
        };

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
