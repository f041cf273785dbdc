using System.Collections.Concurrent;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>A database with its containers, found by name or by resource id.</summary>
internal sealed class Database(string name, byte[] resourceId, byte[] document, bool sharesThroughput)
{
    public string Name { get; } = name;

    public byte[] Id { get; } = resourceId;

    public string ResourceIdText { get; } = ResourceId.Text(resourceId);

    /// <summary>By name, as clients find it in <c>x-ms-alt-content-path</c>.</summary>
    public string Path { get; } = $"dbs/{Uri.EscapeDataString(name)}";

    /// <summary>What clients read.</summary>
    public byte[] Document { get; } = document;

    public bool SharesThroughput { get; } = sharesThroughput;

    public Named<ClientEncryptionKey> EncryptionKeys { get; } = new(key => (key.Name, key.ResourceIdText));

    public Named<Container> Containers { get; } = new(container => (container.Name, container.ResourceIdText));
}

/// <summary>Resources of one parent by name and by resource id. A name wins over a resource id that looks the same.</summary>
internal sealed class Named<T>(Func<T, (string Name, string ResourceId)> keys)
    where T : class
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, T> byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, T> byResourceId = new(StringComparer.Ordinal);

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<T> All => [.. byName.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)];

    public T? Find(string nameOrResourceId) =>
        byName.TryGetValue(nameOrResourceId, out T? named) || byResourceId.TryGetValue(nameOrResourceId, out named) ? named : null;

    public bool TryAdd(T resource)
    {
        (string name, string resourceId) = keys(resource);
        lock (gate)
        {
            if (!byName.TryAdd(name, resource))
            {
                return false;
            }

            byResourceId[resourceId] = resource;
            return true;
        }
    }

    public bool Remove(T resource)
    {
        (string name, string resourceId) = keys(resource);
        lock (gate)
        {
            return byName.TryRemove(new KeyValuePair<string, T>(name, resource)) && byResourceId.TryRemove(resourceId, out _);
        }
    }
}
