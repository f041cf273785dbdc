using System.Globalization;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// One answer, before it becomes a message of some transport. <see cref="WriteHeaders"/> is the one list of the headers that clients
/// need: COSMOS-PROTOCOL §4.
/// </summary>
internal sealed class Answer(int status, ReadOnlyMemory<byte> body = default)
{
    public int Status { get; } = status;

    public ReadOnlyMemory<byte> Body { get; } = body;

    public string? ActivityId { get; set; }

    public int SubStatus { get; init; }

    public string? Etag { get; init; }

    public string? Continuation { get; init; }

    public int? ItemCount { get; init; }

    public double Charge { get; init; } = RequestCharges.Resource;

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The container the answer is about; null leaves out whose resource it is, as for an item that was not found.</summary>
    public Container? Owner { get; init; }

    /// <summary>The database of a container that the answer is about.</summary>
    public Database? Database { get; init; }

    /// <summary>The partition that really served the request, with the LSN it had.</summary>
    public PhysicalPartition? ServedBy { get; init; }

    public long Lsn { get; init; }

    public long? ItemLsn { get; init; }

    public bool SharesThroughput { get; init; }

    public int? MinThroughput { get; init; }

    public string? QueryMetrics { get; init; }

    /// <summary>Tells a client that sent a query as written whether it has to merge results after all; null if it did not ask.</summary>
    public bool? RequiresDistribution { get; init; }

    /// <summary>How much of its quota the container uses, on answers about it and its items.</summary>
    public PartitionSize? Usage { get; init; }

    /// <summary>Set on answers about a container's own document: every index is always complete.</summary>
    public bool IndexIsComplete { get; init; }

    /// <summary>A container that the answer depends on without saying so.</summary>
    public Container? Changed { get; init; }

    /// <summary>What must be safe before the answer may be sent; null in memory.</summary>
    public ContainerJournal? Journal => ServedBy?.Journal ?? (Owner ?? Changed)?.Journal;

    public static Answer Refuse(CosmosError error) => new(error.Status, error.Body)
    {
        SubStatus = error.SubStatus,
        RetryAfter = error.RetryAfter,
        Charge = RequestCharges.Refused(error),
    };

    public void WriteHeaders<TTarget>(TTarget target, Action<TTarget, string, string> add)
    {
        add(target, HeaderNames.RequestCharge, RequestCharges.Text(Charge));
        if (ActivityId is not null)
        {
            add(target, HeaderNames.ActivityId, ActivityId);
        }

        if (SubStatus != 0)
        {
            add(target, HeaderNames.SubStatus, SubStatus.ToString(CultureInfo.InvariantCulture));
        }

        if (Etag is not null)
        {
            add(target, HeaderNames.ETag, Etag);
        }

        if (Continuation is not null)
        {
            add(target, HeaderNames.Continuation, Continuation);
        }

        if (ItemCount is { } count)
        {
            add(target, HeaderNames.ItemCount, count.ToString(CultureInfo.InvariantCulture));
        }

        if (RetryAfter is { } wait)
        {
            add(target, HeaderNames.RetryAfter, ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        }

        if (Owner is not null)
        {
            add(target, HeaderNames.AltContentPath, Owner.Path);
            add(target, HeaderNames.ContentPath, Owner.ResourceIdText);
        }

        if (Database is not null)
        {
            add(target, HeaderNames.AltContentPath, Database.Path);
            add(target, HeaderNames.ContentPath, Database.ResourceIdText);
        }

        if (ServedBy is not null)
        {
            string lsn = Lsn.ToString(CultureInfo.InvariantCulture);
            add(target, HeaderNames.PartitionKeyRangeId, ServedBy.Range.Id);
            add(target, HeaderNames.Lsn, lsn);
            add(target, HeaderNames.SessionToken, string.Concat(ServedBy.Range.Id, ":-1#", lsn));
        }

        if (ItemLsn is { } itemLsn)
        {
            add(target, HeaderNames.ItemLsn, itemLsn.ToString(CultureInfo.InvariantCulture));
        }

        if (Usage is { } usage)
        {
            long kilobytes = (usage.Bytes + 1023) / 1024;
            add(target, HeaderNames.ResourceQuota, "documentSize=10240;documentsSize=52428800;documentsCount=-1;collectionSize=52428800;");
            add(target, HeaderNames.ResourceUsage, string.Create(
                CultureInfo.InvariantCulture,
                $"documentSize={kilobytes / 1024};documentsSize={kilobytes};documentsCount={usage.Items};collectionSize={kilobytes};"));
        }

        if (IndexIsComplete)
        {
            add(target, HeaderNames.IndexProgress, "100");
        }

        if (MinThroughput is { } minimum)
        {
            add(target, HeaderNames.MinThroughput, minimum.ToString(CultureInfo.InvariantCulture));
        }

        if (QueryMetrics is not null)
        {
            add(target, HeaderNames.QueryMetrics, QueryMetrics);
        }

        if (RequiresDistribution is { } distributes)
        {
            add(target, HeaderNames.RequiresDistribution, distributes ? "true" : "false");
        }

        if (SharesThroughput)
        {
            add(target, HeaderNames.ShareThroughput, "true");
        }

        add(target, HeaderNames.Version, "2020-07-15");
        add(target, HeaderNames.GatewayVersion, "version=2.14.0");
        add(target, HeaderNames.ServiceVersion, "version=2.14.0.0");
    }
}
