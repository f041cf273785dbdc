using System.Text.Json;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Http;

/// <summary>An error as clients see it. <see cref="Body"/> is ready to be sent.</summary>
internal sealed class CosmosError(int status, string code, string message, int subStatus = 0)
{
    public int Status { get; } = status;

    public int SubStatus { get; } = subStatus;

    /// <summary>COSMOS-PROTOCOL §3.6.</summary>
    public byte[] Body { get; } = JsonSerializer.SerializeToUtf8Bytes(
        new Dictionary<string, string> { ["code"] = code, ["message"] = message }, CompactJson.Options);

    /// <summary>How long a client has to wait before it tries again.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A request that ends with an error, thrown where going on makes no sense.</summary>
internal sealed class RefusedException(CosmosError error) : Exception
{
    public CosmosError Error { get; } = error;
}

/// <summary>Every error the emulator gives, with its status and substatus. COSMOS-PROTOCOL §4.2.</summary>
internal static class Errors
{
    private const string BadRequestCode = "BadRequest";
    private const string NotFoundCode = "NotFound";
    private const string GoneCode = "Gone";
    private const string NotFoundMessage = "Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found";
    private const string PreconditionMessage =
        "One of the specified pre-condition is not met. Learn more: https://aka.ms/CosmosDB/sql/errors/precondition-failed";

    public static CosmosError ItemNotFound { get; } = new(404, NotFoundCode, NotFoundMessage);

    public static CosmosError ItemExists { get; } = new(409, "Conflict", "Entity with the specified id already exists in the system.");

    public static CosmosError UniqueKeyViolated { get; } = new(409, "Conflict", "Unique index constraint violation.");

    public static CosmosError PreconditionFailed { get; } =
        new(412, "PreconditionFailed", PreconditionMessage);

    public static CosmosError FailedDependency { get; } = new(424, "FailedDependency", "Another operation of the batch failed.");

    public static CosmosError ItemTooLarge { get; } = new(413, "RequestEntityTooLarge", "Request size is too large: an item may have 2 MB.");

    public static CosmosError BatchTooLarge { get; } =
        new(413, "RequestEntityTooLarge", $"Request size is too large: a batch may have {Limits.BatchBytes} bytes.");

    public static CosmosError ResponseTooLarge { get; } =
        new(413, "RequestEntityTooLarge", "Response size is too large: the results of a batch may have 4 MB.");

    public static CosmosError RequestTooLarge { get; } = new(413, "RequestEntityTooLarge", "Request size is too large.");

    public static CosmosError BatchTooLong { get; } =
        BadRequest($"Batch request has more operations than what is supported: {Limits.BatchOperations}.");

    public static CosmosError BatchEmpty { get; } = BadRequest("A batch needs at least one operation.");

    public static CosmosError DatabaseNotFound { get; } = new(404, NotFoundCode, NotFoundMessage);

    public static CosmosError ContainerNotFound { get; } = new(404, NotFoundCode, NotFoundMessage);

    public static CosmosError EncryptionKeyNotFound { get; } = new(404, NotFoundCode, NotFoundMessage);

    public static CosmosError EncryptionKeyExists { get; } = new(409, "Conflict", "A client encryption key with this id already exists.");

    public static CosmosError KeptNotFound { get; } = new(404, NotFoundCode, NotFoundMessage);

    public static CosmosError KeptExists { get; } = new(409, "Conflict", "Resource with specified id or name already exists.");

    public static CosmosError OfferNotFound { get; } = new(404, NotFoundCode, NotFoundMessage);

    /// <summary>An operation inside a container whose database is missing has its own substatus.</summary>
    public static CosmosError OwnerNotFound { get; } = new(404, NotFoundCode, "Owner resource does not exist.", 1003);

    public static CosmosError RouteNotFound { get; } = new(404, NotFoundCode, "There is no resource at this path.");

    public static CosmosError SessionNotAvailable { get; } =
        new(404, NotFoundCode, "The read/write session is not available for the input session token.", 1002);

    public static CosmosError RangeGone { get; } = new(410, GoneCode, "The requested partition key range is gone.", 1002);

    /// <summary>The name leads to another container than the one the client knows.</summary>
    public static CosmosError IntendedContainerDiffers { get; } = new(
        400, BadRequestCode, "The container has another resource id than the request intends: it was created anew.", 1024);

    public static CosmosError KeyMismatch { get; } = new(
        400,
        BadRequestCode,
        "PartitionKey extracted from document doesn't match the one specified in the header.",
        1001);

    public static CosmosError KeyMalformed { get; } = BadRequest("The partition key of the request is not a JSON array of scalars.");

    public static CosmosError KeyMissing { get; } = BadRequest(
        """{"Errors":["The partition key supplied in x-ms-partitionkey header has fewer components than defined in the the collection."]}""");

    public static CosmosError KeyIncomplete { get; } = BadRequest("Partition key provided either doesn't correspond to definition in the "
        + "collection or doesn't match partition key field values specified in the document.", 1001);

    public static CosmosError KeyTooLong { get; } = BadRequest($"A partition key may have {Limits.PartitionKeyBytes} bytes.");

    public static CosmosError IdMissing { get; } =
        BadRequest("The input content is invalid because the required properties - 'id; ' - are missing.");

    public static CosmosError IdNotText { get; } =
        BadRequest("The id is invalid: it must be text.");

    public static CosmosError IdCharacters { get; } = BadRequest("The id contains invalid characters.");

    public static CosmosError IdTooLong { get; } = BadRequest("The id is too long.");

    public static CosmosError TimeToLiveInvalid { get; } =
        BadRequest("The input ttl is invalid. Ensure to provide a nonzero positive integer value, or -1 for never.");

    public static CosmosError SessionMalformed { get; } = BadRequest("The session token is malformed.");

    public static CosmosError ContinuationMalformed { get; } = BadRequest("The continuation token is malformed.");

    public static CosmosError ContinuationLimitTooSmall { get; } =
        BadRequest("The continuation token limit specified is not large enough.");

    public static CosmosError ContinuationLimitMalformed { get; } =
        BadRequest("Please pass in a valid continuation token size limit which must be a positive integer.");

    public static CosmosError ItemCountMalformed { get; } = BadRequest("x-ms-max-item-count is not a number of at least -1.");

    public static CosmosError ModifiedSinceMalformed { get; } = BadRequest("If-Modified-Since is not an RFC 1123 date.");

    public static CosmosError EpkWindowMalformed { get; } = BadRequest("x-ms-start-epk and x-ms-end-epk belong together.");

    public static CosmosError CrossPartitionDisabled { get; } = BadRequest(
        "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true, specify "
        + "x-ms-documentdb-partitionkey, or revise your query to avoid this exception.");

    public static CosmosError TwoThroughputs { get; } =
        BadRequest("A resource has manual or autoscale throughput: x-ms-offer-throughput and x-ms-cosmos-offer-autopilot-settings exclude each other.");

    public static CosmosError ChangesNeedRange { get; } =
        BadRequest("A change feed of a container with several physical partitions needs a partition key range id or a partition key.");

    public static CosmosError DirectMode { get; } = NotImplemented(
        "This emulator speaks HTTP only: set CosmosClientOptions.ConnectionMode to ConnectionMode.Gateway.");

    public static CosmosError FullFidelityFeed { get; } = BadRequest("A change feed with all versions and deletes is not supported by this emulator.");

    public static CosmosError SignatureMissing { get; } =
        new(401, "Unauthorized", "Required Header authorization is missing. Ensure a valid Authorization token is passed.");

    public static CosmosError SignatureWrong { get; } = new(
        401,
        "Unauthorized",
        "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol.");

    public static CosmosError DateSkewed(DateTimeOffset date, DateTimeOffset now) => new(
        403,
        "Forbidden",
        "The authorization token is not valid at the current time. Please create another token and retry "
        + $"(token start time: {date:R}, token expiry time: {date + Limits.DateSkew:R}, current server time: {now:R}).");

    public static CosmosError TokenExpired { get; } =
        new(403, "Forbidden", "The authorization token is not valid at the current time: it has expired.");

    public static CosmosError TokenInsufficient { get; } =
        new(403, "Forbidden", "Insufficient permissions provided in the authorization token for the corresponding request.");

    public static CosmosError NotJson { get; } =
        new(415, "UnsupportedMediaType", "Send the header 'Content-Type: application/json'.");

    public static CosmosError MethodNotAllowed { get; } = new(405, "MethodNotAllowed", "The resource does not know this method.");

    public static CosmosError DatabaseExists { get; } = new(409, "Conflict", "A database with this id already exists.");

    public static CosmosError ContainerExists { get; } = new(409, "Conflict", "A container with this id already exists.");

    public static CosmosError HostNotAllowed(string host) => new(
        403,
        "Forbidden",
        $"The host name '{host}' is not allowed: use localhost, or start the emulator with --allow-hosts {host} if it is a name of this machine.");

    public static CosmosError OriginNotAllowed(string origin) =>
        new(403, "Forbidden", $"Web pages can't call the emulator (origin '{origin}').");

    public static CosmosError BadRequest(string message, int subStatus = 0) => new(400, BadRequestCode, message, subStatus);

    public static CosmosError NotImplemented(string message) => new(501, "NotImplemented", message);

    public static CosmosError Unsupported(string what) => NotImplemented($"{what} are not supported by this emulator.");

    public static CosmosError MalformedItem(string detail) => BadRequest($"The input content is not a valid item. {detail}");

    public static CosmosError MalformedBody(string what, string detail) => BadRequest($"The body is not a valid {what}. {detail}");

    public static CosmosError Internal(Exception exception) =>
        new(500, "InternalServerError", $"The emulator failed: {exception.GetType().Name}: {exception.Message}");
}
