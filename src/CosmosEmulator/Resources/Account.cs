using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>
/// Everything one emulator holds: databases with their containers, and offers. All changes of resources go through here; each is on
/// disk, if there is one, before anybody sees it.
/// </summary>
internal sealed class Account : IDisposable
{
    private const int DefaultThroughput = 400;

    // What one physical partition of a new container gets at most, by the service's documentation on scaling throughput.
    private const int ThroughputPerPartition = 6_000;

    // Creations and deletions are rare and must see each other: a container must not appear in a database that is going away.
    private readonly Lock gate = new();

    private readonly DataDirectory? directory;
    private readonly FormerContainers former = new();

    /// <summary>Throws a <see cref="StoreException"/> if there is a data directory and it can't be used.</summary>
    public Account(CosmosEmulatorOptions options, Func<bool>? remembersWrites = null)
    {
        Options = options;
        Storage = new StorageContext(options.Clock, remembersWrites ?? (() => false));
        directory = options.DataDirectory is { } path ? DataDirectory.Open(path, options.SyncEveryCommit) : null;
        Kept = new KeptResources(directory, options.Clock);
        if (directory is not null)
        {
            try
            {
                AccountLoader.Load(this, directory);
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
    }

    public CosmosEmulatorOptions Options { get; }

    public StorageContext Storage { get; }

    public Named<Database> Databases { get; } = new(database => (database.Name, database.ResourceIdText));

    public KeptResources Kept { get; }

    public Named<Offer> Offers { get; } = new(offer => (offer.ResourceIdText, offer.ResourceIdText));

    public Database CreateDatabase(string name, OfferContent? throughput)
    {
        lock (gate)
        {
            if (Databases.Find(name)?.Name == name)
            {
                throw new RefusedException(Errors.DatabaseExists);
            }

            byte[] id = ResourceId.NewDatabase();
            string text = ResourceId.Text(id);
            var document = new JsonObject
            {
                ["id"] = name,
                ["_rid"] = text,
                ["_self"] = $"dbs/{text}/",
                ["_etag"] = NewEtag(),
                ["_colls"] = "colls/",
                ["_users"] = "users/",
                ["_ts"] = Now(),
            };
            var database = new Database(name, id, Json(document), throughput is not null);
            Offer? offer = throughput is null ? null : NewOffer(text, $"dbs/{text}/", throughput);
            Store(put: [new ResourceRow(ResourceKind.Database, text, text, database.Document), .. Row(offer, database)]);
            Databases.TryAdd(database);
            Add(offer);
            return database;
        }
    }

    public void DeleteDatabase(Database database)
    {
        lock (gate)
        {
            if (Databases.Find(database.ResourceIdText) != database)
            {
                throw new RefusedException(Errors.DatabaseNotFound);
            }

            IReadOnlyList<Container> containers = database.Containers.All;
            Offer[] offers = [.. Offers.All.Where(
                offer => offer.Target == database.ResourceIdText || containers.Any(container => container.ResourceIdText == offer.Target))];
            IReadOnlyList<KeptResource> kept = Kept.Under($"dbs/{database.ResourceIdText}/");
            Store(delete:
            [
                (ResourceKind.Database, database.ResourceIdText),
                .. kept.Select(resource => (resource.Kind.Stored, resource.ResourceIdText)),
                .. containers.Select(container => (ResourceKind.Container, container.ResourceIdText)),
                .. database.EncryptionKeys.All.Select(key => (ResourceKind.EncryptionKey, key.ResourceIdText)),
                .. offers.Select(offer => (ResourceKind.Offer, offer.ResourceIdText)),
            ]);
            Databases.Remove(database);
            Kept.Forget(kept);
            Array.ForEach(offers, offer => Offers.Remove(offer));
            foreach (Container container in containers)
            {
                former.Remember(container);
                Discard(container);
            }
        }
    }

    public Container CreateContainer(Database database, ContainerDefinition definition, OfferContent? throughput)
    {
        lock (gate)
        {
            if (Databases.Find(database.ResourceIdText) != database)
            {
                throw new RefusedException(Errors.DatabaseNotFound);
            }

            EncryptionPolicy.CheckKeys(definition.Document, database);
            if (database.Containers.Find(definition.Id)?.Name == definition.Id)
            {
                throw new RefusedException(Errors.ContainerExists);
            }

            byte[] id = ResourceId.NewContainer(database.Id);
            string self = $"dbs/{database.ResourceIdText}/colls/{ResourceId.Text(id)}/";
            byte[] document = Document(definition, id, self);
            IReadOnlyList<RangeIdentity> ranges = PartitionMap.EvenRanges(definition.HasSystemKey ? 1 : PartitionCount(throughput));
            Offer? offer = throughput is null && database.SharesThroughput
                ? null
                : NewOffer(ResourceId.Text(id), self, throughput ?? OfferContent.Manual(DefaultThroughput));
            ContainerJournal? journal = directory?.CreateContainer(id, document, ranges);
            var container = new Container(database, id, definition, document, ranges, Storage, journal);
            former.Continue(container);
            Store(put: [new ResourceRow(ResourceKind.Container, container.ResourceIdText, database.ResourceIdText, []), .. Row(offer, database)]);
            database.Containers.TryAdd(container);
            Add(offer);
            return container;
        }
    }

    /// <summary>A physical partition serves so much throughput, so more of it means more partitions, as in the service.</summary>
    private int PartitionCount(OfferContent? throughput)
    {
        int maximum = throughput?.AutoscaleMaximum ?? throughput?.Throughput ?? 0;
        return Math.Max(Options.PartitionCount, (maximum + ThroughputPerPartition - 1) / ThroughputPerPartition);
    }

    public void ReplaceContainer(Container container, ContainerDefinition definition) =>
        container.Replace(definition, Document(definition, container.Id, container.Self));

    public void DeleteContainer(Container container)
    {
        lock (gate)
        {
            if (container.Database.Containers.Find(container.ResourceIdText) != container)
            {
                throw new RefusedException(Errors.ContainerNotFound);
            }

            Offer? offer = Offers.All.FirstOrDefault(offer => offer.Target == container.ResourceIdText);
            IReadOnlyList<KeptResource> kept = Kept.Under(container.Self);
            Store(delete:
            [
                (ResourceKind.Container, container.ResourceIdText),
                .. kept.Select(resource => (resource.Kind.Stored, resource.ResourceIdText)),
                .. offer is null ? [] : new[] { (ResourceKind.Offer, offer.ResourceIdText) },
            ]);
            container.Database.Containers.Remove(container);
            Kept.Forget(kept);
            if (offer is not null)
            {
                Offers.Remove(offer);
            }

            former.Remember(container);
            Discard(container);
        }
    }

    public ClientEncryptionKey CreateEncryptionKey(Database database, ReadOnlyMemory<byte> body)
    {
        lock (gate)
        {
            ClientEncryptionKey key = ClientEncryptionKey.Create(database, body, NewEtag(), Now());
            if (database.EncryptionKeys.Find(key.Name)?.Name == key.Name)
            {
                throw new RefusedException(Errors.EncryptionKeyExists);
            }

            Store(put: [Row(key, database)]);
            database.EncryptionKeys.TryAdd(key);
            return key;
        }
    }

    public ClientEncryptionKey ReplaceEncryptionKey(Database database, ClientEncryptionKey key, ReadOnlyMemory<byte> body)
    {
        lock (gate)
        {
            ClientEncryptionKey next = key.With(body, NewEtag(), Now());
            if (database.EncryptionKeys.Find(key.ResourceIdText) != key)
            {
                throw new RefusedException(Errors.EncryptionKeyNotFound);
            }

            Store(put: [Row(next, database)]);
            database.EncryptionKeys.Remove(key);
            database.EncryptionKeys.TryAdd(next);
            return next;
        }
    }

    public Offer ReplaceOffer(Offer offer, OfferContent content)
    {
        lock (gate)
        {
            Offer next = offer.With(content, NewEtag(), Now());
            if (Offers.Find(offer.ResourceIdText) != offer)
            {
                throw new RefusedException(Errors.OfferNotFound);
            }

            Store(put: [new ResourceRow(ResourceKind.Offer, next.ResourceIdText, "", next.Document)]);
            Offers.Remove(offer);
            Offers.TryAdd(next);
            return next;
        }
    }

    public void Dispose() => directory?.Dispose();

    private void Store(IEnumerable<ResourceRow>? put = null, IEnumerable<(ResourceKind Kind, string ResourceId)>? delete = null) =>
        directory?.Account.Write(put ?? [], delete ?? []);

    private void Discard(Container container)
    {
        if (container.Journal is { } journal)
        {
            directory?.Delete(journal);
        }
    }

    private byte[] Document(ContainerDefinition definition, byte[] id, string self)
    {
        var document = (JsonObject)definition.Document.DeepClone();
        document["_rid"] = ResourceId.Text(id);
        document["_self"] = self;
        document["_etag"] = NewEtag();
        document["_docs"] = "docs/";
        document["_sprocs"] = "sprocs/";
        document["_triggers"] = "triggers/";
        document["_udfs"] = "udfs/";
        document["_conflicts"] = "conflicts/";
        document["_ts"] = Now();
        return Json(document);
    }

    private Offer NewOffer(string target, string resource, OfferContent content) => Offer.Create(target, resource, content, NewEtag(), Now());

    private void Add(Offer? offer)
    {
        if (offer is not null)
        {
            Offers.TryAdd(offer);
        }
    }

    private static IEnumerable<ResourceRow> Row(Offer? offer, Database database) =>
        offer is null ? [] : [new ResourceRow(ResourceKind.Offer, offer.ResourceIdText, database.ResourceIdText, offer.Document)];

    private static ResourceRow Row(ClientEncryptionKey key, Database database) =>
        new(ResourceKind.EncryptionKey, key.ResourceIdText, database.ResourceIdText, key.Document);

    private long Now() => Options.Clock.GetUtcNow().ToUnixTimeSeconds();

    private static string NewEtag() => $"\"{Guid.NewGuid()}\"";

    private static byte[] Json(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString(CompactJson.Options));
}

/// <summary>How documents of resources are written: no more escapes than needed.</summary>
internal static class CompactJson
{
    public static JsonSerializerOptions Options { get; } =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
