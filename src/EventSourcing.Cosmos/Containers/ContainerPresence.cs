using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Tells a missing item from a missing container, which a point read answers with the same 404. Asked once per process: after that
/// the container is known to be there, and its deletion is found out by the next write.
/// </summary>
internal sealed class ContainerPresence(Container container)
{
    private volatile bool isKnown;

    /// <exception cref="ContainerMissingException">There is no such container or database.</exception>
    public async ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        if (isKnown)
        {
            return;
        }
        using ResponseMessage response = await container.ReadContainerStreamAsync(cancellationToken: cancellationToken);
        CosmosFault.ThrowIfFault(response, container);
        isKnown = true;
    }
}
