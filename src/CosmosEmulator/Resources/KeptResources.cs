using System.Collections.Concurrent;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>
/// Users, permissions and scripts: found, changed and deleted, but never run. Each change is on disk, if there is one, before anybody
/// sees it.
/// </summary>
internal sealed class KeptResources(DataDirectory? directory, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<(string Parent, KeptKind Kind), Named<KeptResource>> all = new();

    public IReadOnlyList<KeptResource> In(KeptParent parent, KeptKind kind) =>
        all.TryGetValue((parent.ResourceIdText, kind), out Named<KeptResource>? found) ? found.All : [];

    public KeptResource Find(KeptParent parent, KeptKind kind, string id) =>
        TryFind(parent, kind, id) ?? throw new RefusedException(Errors.KeptNotFound);

    public (KeptResource Resource, bool IsNew) Write(KeptParent parent, KeptKind kind, ReadOnlyMemory<byte> body, bool replaces)
    {
        lock (gate)
        {
            KeptResource created = KeptResource.Create(kind, parent, body, NewEtag(), Now());
            KeptResource? current = TryFind(parent, kind, created.Name);
            if (current is null)
            {
                Store([Row(created)], []);
                Add(created);
                return (created, true);
            }

            return replaces ? (Replace(current, current.With(body, NewEtag(), Now())), false) : throw new RefusedException(Errors.KeptExists);
        }
    }

    public KeptResource Replace(KeptParent parent, KeptResource current, ReadOnlyMemory<byte> body)
    {
        lock (gate)
        {
            if (TryFind(parent, current.Kind, current.ResourceIdText) != current)
            {
                throw new RefusedException(Errors.KeptNotFound);
            }

            KeptResource next = current.With(body, NewEtag(), Now());
            return next.Name == current.Name || TryFind(parent, current.Kind, next.Name) is null
                ? Replace(current, next)
                : throw new RefusedException(Errors.KeptExists);
        }
    }

    public void Delete(KeptResource resource)
    {
        lock (gate)
        {
            KeptResource[] gone = [resource, .. Under(resource.Self)];
            Store([], gone.Select(one => (one.Kind.Stored, one.ResourceIdText)));
            Array.ForEach(gone, Remove);
        }
    }

    /// <summary>What is in a database, container or user, at any depth.</summary>
    public IReadOnlyList<KeptResource> Under(string self) =>
        [.. all.Values.SelectMany(named => named.All).Where(one => one.Self != self && one.Self.StartsWith(self, StringComparison.Ordinal))];

    /// <summary>Leaves out what went away with its database or container.</summary>
    public void Forget(IReadOnlyList<KeptResource> gone)
    {
        lock (gate)
        {
            foreach (KeptResource resource in gone)
            {
                Remove(resource);
            }
        }
    }

    /// <summary>Takes in a resource of an earlier life.</summary>
    public void Restore(KeptResource resource) => Add(resource);

    private KeptResource? TryFind(KeptParent parent, KeptKind kind, string id) =>
        all.TryGetValue((parent.ResourceIdText, kind), out Named<KeptResource>? found) ? found.Find(id) : null;

    private KeptResource Replace(KeptResource current, KeptResource next)
    {
        Store([Row(next)], []);
        Remove(current);
        Add(next);
        return next;
    }

    private void Add(KeptResource resource) =>
        all.GetOrAdd((resource.ParentResourceId, resource.Kind), static _ => new(one => (one.Name, one.ResourceIdText))).TryAdd(resource);

    private void Remove(KeptResource resource)
    {
        if (all.TryGetValue((resource.ParentResourceId, resource.Kind), out Named<KeptResource>? named))
        {
            named.Remove(resource);
        }
    }

    private void Store(IEnumerable<ResourceRow> put, IEnumerable<(ResourceKind Kind, string ResourceId)> delete) =>
        directory?.Account.Write(put, delete);

    // The database is the first of the ids in the link.
    private static ResourceRow Row(KeptResource resource) =>
        new(resource.Kind.Stored, resource.ResourceIdText, resource.Self.Split('/')[1], resource.Document);

    private static string NewEtag() => $"\"{Guid.NewGuid()}\"";

    private long Now() => clock.GetUtcNow().ToUnixTimeSeconds();
}
