using System.Globalization;
using System.Net;
using Azure;
using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>The faults of Cosmos DB, of the network before it, and of the tokens it asks for.</summary>
public sealed class CosmosStoreFaults : IStoreFaults
{
    private readonly NetworkFaults network = new();

    public bool IsFault(Exception error) => error switch
    {
        // These are about the one item that was written, and come back however often it is sent.
        CosmosException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge } => false,
        CosmosException or ContainerMissingException or AuthenticationFailedException or RequestFailedException => true,
        _ => network.IsFault(error),
    };

    /// <summary>Status, container, operation, and duration of what Cosmos DB refused. The diagnostics are pages, and stay in the exception.</summary>
    public string Describe(Exception error) => error is CosmosException fault
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"Cosmos DB answered {(int)fault.StatusCode} {fault.StatusCode}{SubStatusOf(fault)}{CosmosFault.PlaceOf(fault)} after {fault.Diagnostics?.GetClientElapsedTime().TotalMilliseconds ?? 0:F0} ms")
        : ((IStoreFaults)network).Describe(error);

    private static string SubStatusOf(CosmosException fault) => fault.SubStatusCode == 0 ? "" : $"/{fault.SubStatusCode}";
}
