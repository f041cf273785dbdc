using System.Net;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Creates the database and its containers where they are missing, for local use and tests; a deployment does it with the templates
/// in <c>infra/</c>. Safe to run again and by several at once. What exists is never changed, but refused when it could not work.
/// </summary>
public sealed class ContainerProvisioning(CosmosClient client, string databaseName)
{
    /// <exception cref="ContainerMismatchException">A container exists with another partition key or without a unique key.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        Database database = await client.CreateDatabaseIfNotExistsAsync(databaseName, cancellationToken: cancellationToken);
        foreach (ContainerDefinition definition in ContainerDefinition.All)
        {
            Check(await EnsureAsync(database, definition, cancellationToken), definition);
        }
    }

    private static async Task<ContainerProperties> EnsureAsync(
        Database database, ContainerDefinition definition, CancellationToken cancellationToken)
    {
        Container container = database.GetContainer(definition.Name);
        try
        {
            return await container.ReadContainerAsync(cancellationToken: cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // The client's own create-if-not-exists is not used: it throws an ArgumentException of its own on another partition key.
        }
        try
        {
            return await database.CreateContainerAsync(definition.ToProperties(), cancellationToken: cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            return await container.ReadContainerAsync(cancellationToken: cancellationToken); // Another process was faster.
        }
    }

    /// <summary>Checks what can't be changed after creation and what every guarantee stands on. Indexes are their owner's to tune.</summary>
    private static void Check(ContainerProperties existing, ContainerDefinition definition)
    {
        if (!existing.PartitionKeyPaths.SequenceEqual(definition.PartitionKeyPaths, StringComparer.Ordinal))
        {
            throw new ContainerMismatchException(
                definition.Name,
                $"its partition key is {string.Join(", ", existing.PartitionKeyPaths)} instead of {string.Join(", ", definition.PartitionKeyPaths)}");
        }
        foreach (string path in definition.UniqueKeyPaths)
        {
            if (!existing.UniqueKeyPolicy.UniqueKeys.Any(key => key.Paths.Count == 1 && key.Paths[0] == path))
            {
                throw new ContainerMismatchException(definition.Name, $"it has no unique key on {path}");
            }
        }
    }
}

/// <summary>A container exists, but not as the system needs it; only creating it again, under this name or in another database, helps.</summary>
public sealed class ContainerMismatchException(string container, string reason)
    : Exception($"The Cosmos DB container '{container}' can't be used: {reason}. That can't be changed; create it again, or use another database.")
{
    public string Container { get; } = container;

    public string Reason { get; } = reason;
}
