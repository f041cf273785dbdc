using Microsoft.Azure.Cosmos;

namespace Serverless.FunctionsHost;

/// <summary>
/// Supplies the clients of Cosmos DB triggers. Register another one before the host is built to hand over a client of an
/// emulator in this process; the default reads the connection setting as the real host does.
/// </summary>
public interface ITriggerCosmosClientFactory
{
    /// <summary>
    /// The client for a connection name, the same one for the same arguments. It belongs to the factory, which outlives the triggers.
    /// Throws when the connection is not configured: that disables the function.
    /// </summary>
    CosmosClient GetClient(string connection, IReadOnlyList<string> preferredRegions);
}
