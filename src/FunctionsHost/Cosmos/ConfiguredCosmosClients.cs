using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Serverless.FunctionsHost.Hosting;

namespace Serverless.FunctionsHost.Cosmos;

/// <summary>
/// Clients from settings. A connection is a connection string, or a section with accountEndpoint for a token credential. It is looked
/// for with the prefix AzureWebJobs first, and among ConnectionStrings before the other settings.
/// </summary>
internal sealed class ConfiguredCosmosClients(IConfiguration configuration, HostJson host) : ITriggerCosmosClientFactory, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<CosmosClient>> clients = new();

    public CosmosClient GetClient(string connection, IReadOnlyList<string> preferredRegions) =>
        clients.GetOrAdd($"{connection}|{string.Join(',', preferredRegions)}", _ => new Lazy<CosmosClient>(() => Create(connection, preferredRegions))).Value;

    public void Dispose()
    {
        foreach (Lazy<CosmosClient> client in clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private CosmosClient Create(string connection, IReadOnlyList<string> preferredRegions)
    {
        IConfigurationSection section = Find(connection);
        if (!string.IsNullOrWhiteSpace(section.Value))
        {
            return new CosmosClient(section.Value, CreateOptions(preferredRegions));
        }

        return string.IsNullOrWhiteSpace(section["accountEndpoint"])
            ? throw new InvalidOperationException(
                $"The Cosmos DB connection '{connection}' is not configured. Set '{connection}' to a connection string, "
                + $"or '{connection}__accountEndpoint' to the address of an account that the identity of this program may use.")
            : new CosmosClient(section["accountEndpoint"], CreateCredential(section), CreateOptions(preferredRegions));
    }

    private IConfigurationSection Find(string connection)
    {
        string[] names = [$"AzureWebJobs{connection}", connection];
        return names
            .SelectMany(name => (IConfigurationSection[])[configuration.GetSection($"ConnectionStrings:{name}"), configuration.GetSection(name)])
            .FirstOrDefault(section => section.Exists()) ?? configuration.GetSection(connection);
    }

    private static TokenCredential CreateCredential(IConfigurationSection section) =>
        string.Equals(section["credential"], "managedidentity", StringComparison.OrdinalIgnoreCase)
            ? new ManagedIdentityCredential(section["clientId"] is { } clientId
                ? ManagedIdentityId.FromUserAssignedClientId(clientId)
                : ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential(new DefaultAzureCredentialOptions { TenantId = section["tenantId"], ManagedIdentityClientId = section["clientId"] });

    private CosmosClientOptions CreateOptions(IReadOnlyList<string> preferredRegions)
    {
        var options = new CosmosClientOptions
        {
            ApplicationName = "CosmosDBTriggerFunctions" + host.CosmosUserAgentSuffix,
            ConnectionMode = Enum.TryParse(host.CosmosConnectionMode, ignoreCase: true, out ConnectionMode mode) ? mode : ConnectionMode.Gateway,
        };
        if (preferredRegions.Count > 0)
        {
            options.ApplicationPreferredRegions = preferredRegions;
        }

        return options;
    }
}
