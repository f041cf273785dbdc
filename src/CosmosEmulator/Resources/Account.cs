using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>Everything one emulator holds: databases with their containers, and offers. All changes of resources go through here.</summary>
internal sealed class Account(CosmosEmulatorOptions options)
{
    private const int DefaultThroughput = 400;

    // What one physical partition of a new container gets at most, by the service's documentation on scaling throughput.
    private const int ThroughputPerPartition = 6_000;

    // Creations and deletions are rare and must see each other: a container must not appear in a database that is going away.
    private readonly Lock gate = new();

    public CosmosEmulatorOptions Options { get; } = options;

    public Named<Database> Databases { get; } = new(database => (database.Name, database.ResourceIdText));

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
            Databases.TryAdd(database);
            if (throughput is not null)
            {
                AddOffer(database.ResourceIdText, $"dbs/{text}/", throughput);
            }

            return database;
        }
    }

    public void DeleteDatabase(Database database)
    {
        lock (gate)
        {
            if (!Databases.Remove(database))
            {
                throw new RefusedException(Errors.DatabaseNotFound);
            }

            RemoveOffer(database.ResourceIdText);
            foreach (Container container in database.Containers.All)
            {
                RemoveOffer(container.ResourceIdText);
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
            var container = new Container(
                database, id, definition, Document(definition, id, self), PartitionCount(throughput), Options.Clock);
            database.Containers.TryAdd(container);
            if (throughput is not null || !database.SharesThroughput)
            {
                AddOffer(container.ResourceIdText, self, throughput ?? OfferContent.Manual(DefaultThroughput));
            }

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
            if (!container.Database.Containers.Remove(container))
            {
                throw new RefusedException(Errors.ContainerNotFound);
            }

            RemoveOffer(container.ResourceIdText);
        }
    }

    public ClientEncryptionKey CreateEncryptionKey(Database database, ReadOnlyMemory<byte> body)
    {
        ClientEncryptionKey key = ClientEncryptionKey.Create(database, body, NewEtag(), Now());
        return database.EncryptionKeys.TryAdd(key) ? key : throw new RefusedException(Errors.EncryptionKeyExists);
    }

    public ClientEncryptionKey ReplaceEncryptionKey(Database database, ClientEncryptionKey key, ReadOnlyMemory<byte> body)
    {
        lock (gate)
        {
            ClientEncryptionKey next = key.With(body, NewEtag(), Now());
            return database.EncryptionKeys.Remove(key) && database.EncryptionKeys.TryAdd(next)
                ? next
                : throw new RefusedException(Errors.EncryptionKeyNotFound);
        }
    }

    public Offer ReplaceOffer(Offer offer, OfferContent content)
    {
        lock (gate)
        {
            Offer next = offer.With(content, NewEtag(), Now());
            return Offers.Remove(offer) && Offers.TryAdd(next) ? next : throw new RefusedException(Errors.OfferNotFound);
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

    private void AddOffer(string target, string resource, OfferContent content) =>
        Offers.TryAdd(Offer.Create(target, resource, content, NewEtag(), Now()));

    private void RemoveOffer(string target)
    {
        if (Offers.All.FirstOrDefault(offer => offer.Target == target) is { } offer)
        {
            Offers.Remove(offer);
        }
    }

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
