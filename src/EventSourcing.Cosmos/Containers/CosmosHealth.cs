using System.Net;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Whether the database and each container can be reached.</summary>
public sealed class CosmosHealth(CosmosClient client, string databaseName)
{
    /// <summary>One small read per container, side by side. A fault is an answer here, not an exception.</summary>
    public async Task<CosmosHealthReport> CheckAsync(CancellationToken cancellationToken)
    {
        Database database = client.GetDatabase(databaseName);
        ContainerHealth[] containers = await Task.WhenAll(
            ContainerDefinition.All.Select(d => CheckAsync(database.GetContainer(d.Name), cancellationToken)));
        return new CosmosHealthReport(databaseName, containers);
    }

    private static async Task<ContainerHealth> CheckAsync(Container container, CancellationToken cancellationToken)
    {
        try
        {
            using ResponseMessage response = await container.ReadContainerStreamAsync(cancellationToken: cancellationToken);
            return new ContainerHealth(container.Id, response.StatusCode switch
            {
                HttpStatusCode.OK => null,
                HttpStatusCode.NotFound => "missing",
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "access denied",
                HttpStatusCode.TooManyRequests => "throttled",
                HttpStatusCode status => $"status {(int)status}",
            });
        }
        // Details may name hosts and keys; they belong in logs.
        catch (Exception e) when (e is CosmosException or HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return new ContainerHealth(container.Id, e is CosmosException fault ? $"status {(int)fault.StatusCode}" : "unreachable");
        }
    }
}

/// <summary>The state of every container of a database.</summary>
public sealed record CosmosHealthReport(string Database, IReadOnlyList<ContainerHealth> Containers)
{
    public bool IsHealthy => Containers.All(c => c.IsHealthy);
}

/// <summary>One container; <paramref name="Problem"/> in one or two words, null when there is none.</summary>
public sealed record ContainerHealth(string Container, string? Problem)
{
    public bool IsHealthy => Problem is null;
}
