using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>The account, databases, containers, their physical partitions, and offers. COSMOS-PROTOCOL §1.2 and §2.</summary>
internal sealed class ResourceHandlers(Account account)
{
    private const string AllDatabases = "";

    // Clients know regions by name; this is the one that the service's own emulator says it is in.
    private const string Region = "South Central US";

    public Answer ReadAccount(CosmosRequest request)
    {
        var region = new JsonObject { ["name"] = Region, ["databaseAccountEndpoint"] = request.BaseAddress };
        var document = new JsonObject
        {
            ["id"] = "embedded",
            ["_rid"] = "embedded",
            ["_self"] = "",
            ["_dbs"] = "//dbs/",
            ["media"] = "//media/",
            ["addresses"] = "//addresses/",
            ["writableLocations"] = new JsonArray(region.DeepClone()),
            ["readableLocations"] = new JsonArray(region),
            ["enableMultipleWriteLocations"] = false,
            ["userReplicationPolicy"] = new JsonObject { ["asyncReplication"] = false, ["minReplicaSetSize"] = 1, ["maxReplicasetSize"] = 4 },
            ["userConsistencyPolicy"] = new JsonObject { ["defaultConsistencyLevel"] = account.Options.ConsistencyLevel },
            ["systemReplicationPolicy"] = new JsonObject { ["minReplicaSetSize"] = 1, ["maxReplicasetSize"] = 4 },
            ["readPolicy"] = new JsonObject { ["primaryReadCoefficient"] = 1, ["secondaryReadCoefficient"] = 1 },
            // Text, and with at least one member: a client refuses all queries otherwise.
            ["queryEngineConfiguration"] =
                $$"""{"maxSqlQueryInputLength":524288,"maxJoinsPerSqlQuery":{{Limits.Joins}},"maxQueryRequestTimeoutFraction":0.9}""",
        };
        return new Answer(200, Utf8(document));
    }

    public Answer ListDatabases(CosmosRequest request) => ResourceList.Page(
        request, AllDatabases, "Databases", account.Databases.All.Select(database => (database.Name, database.Document)));

    public Answer QueryDatabases(CosmosRequest request) => QueryHandlers.OverResources(
        request, AllDatabases, "Databases", account.Databases.All.Select(database => database.Document), account.Options.Clock);

    public Answer CreateDatabase(CosmosRequest request)
    {
        Database database = account.CreateDatabase(ResourceName.OfBody(request.Body), OfferContent.From(request));
        return Resource(201, database.Document, database.SharesThroughput);
    }

    public Answer ReadDatabase(in ResourcePath path) => Resource(200, Database(path).Document);

    public Answer DeleteDatabase(in ResourcePath path)
    {
        account.DeleteDatabase(Database(path));
        return new Answer(204);
    }

    public Answer ListContainers(CosmosRequest request, in ResourcePath path)
    {
        Database database = Database(path);
        return ResourceList.Page(
            request,
            database.ResourceIdText,
            "DocumentCollections",
            database.Containers.All.Select(container => (container.Name, container.Document)));
    }

    public Answer QueryContainers(CosmosRequest request, in ResourcePath path)
    {
        Database database = Database(path);
        return QueryHandlers.OverResources(
            request, database.ResourceIdText, "DocumentCollections", database.Containers.All.Select(container => container.Document), account.Options.Clock);
    }

    public Answer CreateContainer(CosmosRequest request, in ResourcePath path)
    {
        Database database = Database(path);
        Container container = account.CreateContainer(database, ContainerDefinitionReader.ReadNew(request.Body, HeaderRules.IsBeforePartitionKeys(request)), OfferContent.From(request));
        return Resource(201, container.Document, database.SharesThroughput, database);
    }

    public Answer ReadContainer(CosmosRequest request, in ResourcePath path)
    {
        Container container = Container(path);
        string? etag = EtagOf(container.Document);
        return etag == request.Header(HeaderNames.IfNoneMatch)
            ? new Answer(304) { Etag = etag }
            : new Answer(200, container.Document)
            {
                Etag = etag,
                SharesThroughput = container.Database.SharesThroughput,
                Database = container.Database,
                IndexIsComplete = request.IsSet(HeaderNames.PopulateQuotaInfo),
                Usage = container.Size,
            };
    }

    public Answer ReplaceContainer(CosmosRequest request, in ResourcePath path)
    {
        Container container = Container(path);
        CheckUnchanged(request, container.Document);

        ContainerDefinition next = ContainerDefinitionReader.ReadReplacement(request.Body, container.Definition);
        if (!HeaderRules.IsBeforePartitionKeys(request))
        {
            IndexingPolicy.DropKinds(next.Document);
        }

        account.ReplaceContainer(container, next);
        return new Answer(200, container.Document) { Etag = EtagOf(container.Document), Changed = container, Database = container.Database };
    }

    public Answer DeleteContainer(CosmosRequest request, in ResourcePath path)
    {
        Container container = Container(path);
        CheckUnchanged(request, container.Document);

        account.DeleteContainer(container);
        return new Answer(204);
    }

    /// <summary>COSMOS-PROTOCOL §2.2. Clients ask again with the tag they got, until they are told 304.</summary>
    public Answer ReadPartitionKeyRanges(CosmosRequest request, in ResourcePath path)
    {
        Container container = Container(path);
        PartitionMap map = container.Partitions;
        if (request.Header(HeaderNames.IfNoneMatch) == map.Etag)
        {
            return new Answer(304) { Etag = map.Etag, ItemCount = 0, Owner = container };
        }

        ReadOnlyMemory<byte>[] ranges = [.. map.All.Select(partition => Range(container, map, partition))];
        return new Answer(200, FeedBody.Write(container.ResourceIdText, "PartitionKeyRanges", ranges))
        {
            Etag = map.Etag,
            ItemCount = ranges.Length,
            Owner = container,
        };
    }

    /// <summary>With one region that takes writes there is never a conflict.</summary>
    public Answer ListConflicts(in ResourcePath path) =>
        new(200, FeedBody.Write(Container(path).ResourceIdText, "Conflicts", [])) { ItemCount = 0 };

    public Answer ListEncryptionKeys(CosmosRequest request, in ResourcePath path)
    {
        Database database = Database(path);
        return ResourceList.Page(
            request, database.ResourceIdText, "ClientEncryptionKeys", database.EncryptionKeys.All.Select(key => (key.Name, key.Document)));
    }

    public Answer QueryEncryptionKeys(CosmosRequest request, in ResourcePath path)
    {
        Database database = Database(path);
        return QueryHandlers.OverResources(
            request, database.ResourceIdText, "ClientEncryptionKeys", database.EncryptionKeys.All.Select(key => key.Document), account.Options.Clock);
    }

    public Answer CreateEncryptionKey(CosmosRequest request, in ResourcePath path) =>
        Resource(201, account.CreateEncryptionKey(Database(path), request.Body).Document);

    public Answer ReadEncryptionKey(in ResourcePath path) => Resource(200, EncryptionKey(path).Document);

    public Answer ReplaceEncryptionKey(CosmosRequest request, in ResourcePath path)
    {
        ClientEncryptionKey key = EncryptionKey(path);
        CheckUnchanged(request, key.Document);
        return Resource(200, account.ReplaceEncryptionKey(Database(path), key, request.Body).Document);
    }

    public Answer ListOffers(CosmosRequest request) =>
        ResourceList.Page(request, "", "Offers", account.Offers.All.Select(offer => (offer.ResourceIdText, offer.Document)));

    public Answer QueryOffers(CosmosRequest request) =>
        QueryHandlers.OverResources(request, "", "Offers", account.Offers.All.Select(offer => offer.Document), account.Options.Clock);

    public Answer ReadOffer(in ResourcePath path) => Answer(Offer(path));

    public Answer ReplaceOffer(CosmosRequest request, in ResourcePath path)
    {
        Offer offer = Offer(path);
        CheckUnchanged(request, offer.Document);
        return Answer(account.ReplaceOffer(offer, OfferContent.Replacing(offer, request.Body)));
    }

    private static Answer Answer(Offer offer) => new(200, offer.Document) { Etag = offer.Etag, MinThroughput = offer.Minimum };

    private Database Database(in ResourcePath path) =>
        account.Databases.Find(path.Database) ?? throw new RefusedException(Errors.DatabaseNotFound);

    private Container Container(in ResourcePath path) =>
        Database(path).Containers.Find(path.Container) ?? throw new RefusedException(Errors.ContainerNotFound);

    private ClientEncryptionKey EncryptionKey(in ResourcePath path) =>
        Database(path).EncryptionKeys.Find(path.Id) ?? throw new RefusedException(Errors.EncryptionKeyNotFound);

    private static void CheckUnchanged(CosmosRequest request, byte[] document)
    {
        if (request.Header(HeaderNames.IfMatch) is { } wanted and not "*" && wanted != EtagOf(document))
        {
            throw new RefusedException(Errors.PreconditionFailed);
        }
    }

    private Offer Offer(in ResourcePath path) => account.Offers.Find(path.Id) ?? throw new RefusedException(Errors.OfferNotFound);

    private static Answer Resource(int status, byte[] document, bool sharesThroughput = false, Database? database = null) =>
        new(status, document) { Etag = EtagOf(document), SharesThroughput = sharesThroughput, Database = database };

    private static string? EtagOf(byte[] document)
    {
        using JsonDocument parsed = JsonDocument.Parse(document);
        return parsed.RootElement.GetProperty("_etag"u8).GetString();
    }

    private static ReadOnlyMemory<byte> Range(Container container, PartitionMap map, PhysicalPartition partition)
    {
        RangeIdentity range = partition.Range;
        string resourceId = ResourceId.Text(ResourceId.PartitionKeyRange(container.Id, (ulong)range.Number + 1));
        return Utf8(new JsonObject
        {
            ["_rid"] = resourceId,
            ["id"] = range.Id,
            ["_etag"] = map.Etag,
            ["minInclusive"] = range.Min,
            ["maxExclusive"] = range.Max,
            ["ridPrefix"] = range.Number,
            ["_self"] = $"{container.Self}pkranges/{resourceId}/",
            ["throughputFraction"] = 1.0 / map.All.Count,
            ["status"] = "online",
            ["parents"] = new JsonArray([.. range.Parents.Select(parent => JsonValue.Create(parent))]),
            ["_ts"] = 0,
        });
    }

    private static byte[] Utf8(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString(CompactJson.Options));
}
