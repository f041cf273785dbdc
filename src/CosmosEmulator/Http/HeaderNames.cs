namespace Serverless.CosmosEmulator.Http;

/// <summary>The headers of the protocol by what they mean.</summary>
internal static class HeaderNames
{
    public const string ActivityId = "x-ms-activity-id";
    public const string AltContentPath = "x-ms-alt-content-path";
    public const string Authorization = "Authorization";
    public const string AutoscaleSettings = "x-ms-cosmos-offer-autopilot-settings";
    public const string BatchAtomic = "x-ms-cosmos-batch-atomic";
    public const string BatchContinueOnError = "x-ms-cosmos-batch-continue-on-error";
    public const string BatchRequest = "x-ms-cosmos-is-batch-request";
    public const string ChangeFeed = "A-IM";
    public const string ConsistencyLevel = "x-ms-consistency-level";
    public const string ContentPath = "x-ms-content-path";
    public const string ContentSerializationFormat = "x-ms-documentdb-content-serialization-format";
    public const string ContinuationLimit = "x-ms-documentdb-responsecontinuationtokenlimitinkb";
    public const string ContentType = "Content-Type";
    public const string Continuation = "x-ms-continuation";
    public const string Date = "x-ms-date";
    public const string EnableCrossPartition = "x-ms-documentdb-query-enablecrosspartition";
    public const string EndEpk = "x-ms-end-epk";
    public const string ETag = "ETag";
    public const string GatewayVersion = "x-ms-gatewayversion";
    public const string IfMatch = "If-Match";
    public const string IfModifiedSince = "If-Modified-Since";
    public const string IfNoneMatch = "If-None-Match";
    public const string IndexingDirective = "x-ms-indexing-directive";
    public const string IndexProgress = "x-ms-documentdb-collection-index-transformation-progress";
    public const string IntendedContainer = "x-ms-cosmos-intended-collection-rid";
    public const string ItemCount = "x-ms-item-count";
    public const string ItemLsn = "x-ms-item-lsn";
    public const string Lsn = "lsn";
    public const string MinThroughput = "x-ms-cosmos-min-throughput";
    public const string MaxItemCount = "x-ms-max-item-count";
    public const string OptimisticDirectExecution = "x-ms-cosmos-query-optimisticdirectexecute";
    public const string PartitionKey = "x-ms-documentdb-partitionkey";
    public const string PartitionKeyRangeId = "x-ms-documentdb-partitionkeyrangeid";
    public const string PopulateQuotaInfo = "x-ms-documentdb-populatequotainfo";
    public const string PostTriggers = "x-ms-documentdb-post-trigger-include";
    public const string Prefer = "Prefer";
    public const string PopulateQueryMetrics = "x-ms-documentdb-populatequerymetrics";
    public const string PreTriggers = "x-ms-documentdb-pre-trigger-include";
    public const string Query = "x-ms-documentdb-isquery";
    public const string QueryPlan = "x-ms-cosmos-is-query-plan-request";
    public const string QueryMetrics = "x-ms-documentdb-query-metrics";
    public const string ReadConsistencyStrategy = "x-ms-cosmos-read-consistency-strategy";
    public const string ReadKeyType = "x-ms-read-key-type";
    public const string RequiresDistribution = "x-ms-cosmos-query-requiresdistribution";
    public const string ResourceQuota = "x-ms-resource-quota";
    public const string ResourceUsage = "x-ms-resource-usage";
    public const string RequestCharge = "x-ms-request-charge";
    public const string RetryAfter = "x-ms-retry-after-ms";
    public const string SerializationFormats = "x-ms-cosmos-supported-serialization-formats";
    public const string ServiceVersion = "x-ms-serviceversion";
    public const string SessionToken = "x-ms-session-token";
    public const string ShareThroughput = "x-ms-share-throughput";
    public const string StartEpk = "x-ms-start-epk";
    public const string SubStatus = "x-ms-substatus";
    public const string Throughput = "x-ms-offer-throughput";
    public const string Upsert = "x-ms-documentdb-is-upsert";
    public const string Version = "x-ms-version";

    /// <summary>Clients write some values as <c>True</c> and others as <c>true</c>. COSMOS-PROTOCOL §3.1.</summary>
    public static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
