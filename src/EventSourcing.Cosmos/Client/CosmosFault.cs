using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Turns an answer that is no outcome into the exception for it.</summary>
internal static class CosmosFault
{
    private const string SubStatus = "x-ms-substatus";
    private const string RetryAfter = "x-ms-retry-after-ms";
    private const string SessionNotAvailable = "1002";
    private const string OwnerMissing = "1003";
    private const string PartitionKeyFull = "1014";

    // Where an exception keeps what it does not know of itself.
    private const string Place = "Serverless.Place";

    /// <summary>Throws what <see cref="Of(ResponseMessage, Container)"/> makes of any answer but success.</summary>
    public static void ThrowIfFault(ResponseMessage response, Container container)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw Of(response, container);
        }
    }

    /// <summary>
    /// The client's own exception, which has status, retry-after, charge and diagnostics; or the one that names a missing container.
    /// </summary>
    public static Exception Of(ResponseMessage response, Container container)
    {
        CosmosException fault = ExceptionOf(response);
        fault.Data[Place] = response.RequestMessage is { } request ? $" to {request.Method} on '{container.Id}'" : $" on '{container.Id}'";
        return Of(fault, container);
    }

    /// <summary>The same for a batch, whose response can't throw for itself.</summary>
    public static Exception Of(TransactionalBatchResponse response, Container container)
    {
        _ = int.TryParse(response.Headers[SubStatus], NumberStyles.Integer, CultureInfo.InvariantCulture, out int subStatus);
        CosmosException fault = new(
            $"{response.ErrorMessage} Diagnostics: {response.Diagnostics}", response.StatusCode, subStatus, response.ActivityId, response.RequestCharge);
        if (response.RetryAfter is { } wait)
        {
            fault.Headers.Add(RetryAfter, wait.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        }
        fault.Data[Place] = $" to a batch on '{container.Id}'";
        return Of(fault, container);
    }

    /// <summary>The operation and the container of a fault that was made here, to be put behind its status; empty for any other.</summary>
    public static string PlaceOf(CosmosException fault) => fault.Data[Place] as string ?? "";

    /// <summary>Of what the client threw by itself: it does so where it looks the container up before it sends anything.</summary>
    public static Exception Of(CosmosException fault, Container container) =>
        IsMissingContainer(fault) ? new ContainerMissingException(container.Database.Id, container.Id, fault) : fault;

    /// <summary>Of a 404 for one item: whether it says no more than that there is none, or no container.</summary>
    public static bool MayBeMissingItem(ResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && response.Headers[SubStatus] is not (SessionNotAvailable or OwnerMissing);

    /// <summary>Of a write that wants an item as it was read, or with an ETag of null not there: somebody else was faster.</summary>
    public static bool IsLostRace(ResponseMessage response, string? etag) =>
        response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed
        || (etag is not null && MayBeMissingItem(response));

    /// <summary>
    /// A create or a query that is answered with 404 found no container. A replica that lags behind our session says 404 as well.
    /// </summary>
    public static bool IsMissingContainer(CosmosException fault) =>
        fault.StatusCode == HttpStatusCode.NotFound && fault.Headers[SubStatus] != SessionNotAvailable;

    /// <summary>The logical partition holds the 20 GB that one may. No later attempt finds room; any other 403 is about rights or networks.</summary>
    public static bool IsFull(ResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Forbidden && response.Headers[SubStatus] == PartitionKeyFull;

    /// <summary>
    /// The same for a batch. What one of its operations was refused for, the client does not show; but rights and networks refuse the
    /// request as a whole, so that no operation has failed because of another.
    /// </summary>
    public static bool IsFull(TransactionalBatchResponse response) =>
        response.StatusCode == HttpStatusCode.Forbidden
        && (response.Headers[SubStatus] == PartitionKeyFull || response.Any(r => r.StatusCode == HttpStatusCode.FailedDependency));

    private static CosmosException ExceptionOf(ResponseMessage response)
    {
        try
        {
            response.EnsureSuccessStatusCode();
        }
        catch (CosmosException e)
        {
            return e;
        }
        throw new UnreachableException($"{response.StatusCode} was taken for a fault.");
    }
}

/// <summary>The database or the container that the settings name is not there. Nothing was read or written.</summary>
public sealed class ContainerMissingException(string database, string container, Exception inner)
    : Exception(
        $"The Cosmos DB container '{container}' in the database '{database}' does not exist. "
        + "Create the containers of infra/containers.json, or correct the setting CosmosDatabase.",
        inner)
{
    public string Database { get; } = database;

    public string Container { get; } = container;
}
