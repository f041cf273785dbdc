using System.Globalization;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.ChangeFeed;

/// <summary>
/// The change feed of latest versions. COSMOS-PROTOCOL §9.1: a page says after which LSN the next one starts, in its <c>ETag</c>;
/// "nothing new" is 304 with the current position, never an empty 200, at which the processor would ask again at once.
/// </summary>
internal static class ChangeFeedHandler
{
    private const string LatestVersions = "Incremental Feed";

    public static Answer Read(CosmosRequest request, Container container)
    {
        // "Incremental feed" too: clients differ in case.
        if (!LatestVersions.Equals(request.Header(HeaderNames.ChangeFeed), StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedException(Errors.FullFidelityFeed);
        }

        Scope scope = ContainerAccess.ScopeOf(request, container);
        PhysicalPartition partition = scope.Single ?? throw new RefusedException(Errors.ChangesNeedRange);
        ChangePage page = partition.Query(
            (scope, Start(request), ContainerAccess.MaxItems(request)),
            static (items, lsn, s) => ChangePage.Read(items, lsn, s.scope, s.Item2, s.Item3));
        ContainerAccess.CheckSession(request, partition, page.CurrentLsn);
        bool unchanged = page.Items.Count == 0;
        return new Answer(unchanged ? 304 : 200, unchanged ? default : Body(container, page))
        {
            Etag = $"\"{page.Position.ToString(CultureInfo.InvariantCulture)}\"",
            ItemCount = page.Items.Count,
            Owner = container,
            ServedBy = partition,
            Lsn = page.CurrentLsn,
            Charge = RequestCharges.Feed(page.Items.Select(item => item.Json.Length), RequestCharges.ReadFactor(request)),
        };
    }

    private static byte[] Body(Container container, ChangePage page) =>
        FeedBody.Write(container.ResourceIdText, "Documents", [.. page.Items.Select(item => (ReadOnlyMemory<byte>)ItemFormat.WithLsn(item))]);

    private static ChangeFeedStart Start(CosmosRequest request)
    {
        if (request.Header(HeaderNames.IfNoneMatch) is { Length: > 0 } position)
        {
            if (position == "*")
            {
                return new ChangeFeedStart(null, null);
            }

            return long.TryParse(position.AsSpan().Trim('"'), CultureInfo.InvariantCulture, out long lsn)
                ? new ChangeFeedStart(lsn, null)
                : throw new RefusedException(Errors.ContinuationMalformed);
        }

        if (request.Header(HeaderNames.IfModifiedSince) is not { Length: > 0 } time)
        {
            return new ChangeFeedStart(0, null);
        }

        return DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset since)
            ? new ChangeFeedStart(0, since.ToUnixTimeSeconds())
            : throw new RefusedException(Errors.ModifiedSinceMalformed);
    }
}

/// <summary>Where a reader begins: after an LSN (null: now), and with items later than a time in seconds since 1970.</summary>
internal readonly record struct ChangeFeedStart(long? After, long? Since);
