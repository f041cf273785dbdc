using Serverless.CosmosEmulator.Batch;
using Serverless.CosmosEmulator.ChangeFeed;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Every route there is. COSMOS-PROTOCOL §2 and §3.1.</summary>
internal sealed class RouteTable(Account account, ResourceTokens tokens)
{
    private const string QueryType = "application/query+json";

    private readonly ResourceHandlers resources = new(account);
    private readonly KeptHandlers kept = new(account, tokens);
    private readonly ContainerAccess containers = new(account);

    public Answer Dispatch(CosmosRequest request, in ResourcePath path) => (request.Method, path.Kind) switch
    {
        ("GET", PathKind.Item) => ItemHandlers.Read(request, Container(request, path, out string id), id),
        ("POST", PathKind.Items) => Post(request, containers.Find(request, path)),
        ("PUT", PathKind.Item) => ItemHandlers.Replace(request, Container(request, path, out string id), id),
        ("PATCH", PathKind.Item) => ItemHandlers.Patch(request, Container(request, path, out string id), id),
        ("DELETE", PathKind.Item) => ItemHandlers.Delete(request, Container(request, path, out string id), id),
        ("GET", PathKind.Items) when request.Header(HeaderNames.ChangeFeed) is not null =>
            ChangeFeedHandler.Read(request, containers.Find(request, path)),
        ("GET", PathKind.Items) => FeedHandlers.ReadItems(request, containers.Find(request, path)),

        ("POST", PathKind.PartitionDeletion) => ItemHandlers.DeletePartition(request, containers.Find(request, path)),

        ("GET", PathKind.Account) => resources.ReadAccount(request),
        ("GET", PathKind.Databases) => resources.ListDatabases(request),
        ("POST", PathKind.Databases) => IsQuery(request) ? resources.QueryDatabases(request) : resources.CreateDatabase(request),
        ("GET", PathKind.Database) => resources.ReadDatabase(path),
        ("DELETE", PathKind.Database) => resources.DeleteDatabase(path),
        ("GET", PathKind.Containers) => resources.ListContainers(request, path),
        ("POST", PathKind.Containers) => IsQuery(request) ? resources.QueryContainers(request, path) : resources.CreateContainer(request, path),
        ("GET", PathKind.Container) => resources.ReadContainer(request, path),
        ("PUT", PathKind.Container) => resources.ReplaceContainer(request, path),
        ("DELETE", PathKind.Container) => resources.DeleteContainer(request, path),
        ("GET", PathKind.PartitionKeyRanges) => resources.ReadPartitionKeyRanges(request, path),
        ("GET", PathKind.Conflicts) => resources.ListConflicts(path),
        ("POST", PathKind.Conflicts) when IsQuery(request) => resources.ListConflicts(path),
        ("GET", PathKind.EncryptionKeys) => resources.ListEncryptionKeys(request, path),
        ("POST", PathKind.EncryptionKeys) => IsQuery(request) ? resources.QueryEncryptionKeys(request, path) : resources.CreateEncryptionKey(request, path),
        ("GET", PathKind.EncryptionKey) => resources.ReadEncryptionKey(path),
        ("PUT", PathKind.EncryptionKey) => resources.ReplaceEncryptionKey(request, path),
        ("GET", PathKind.Offers) => resources.ListOffers(request),
        ("POST", PathKind.Offers) when IsQuery(request) => resources.QueryOffers(request),
        ("GET", PathKind.Offer) => resources.ReadOffer(path),
        ("PUT", PathKind.Offer) => resources.ReplaceOffer(request, path),

        ("GET", PathKind.KeptResources) => kept.List(request, path),
        ("POST", PathKind.KeptResources) => IsQuery(request) ? kept.Query(request, path) : kept.Create(request, path),
        ("GET", PathKind.KeptResource) => kept.Read(request, path),
        ("PUT", PathKind.KeptResource) => kept.Replace(request, path),
        ("DELETE", PathKind.KeptResource) => kept.Delete(request, path),
        ("POST", PathKind.KeptResource) when path.Type == KeptKind.StoredProcedures.Segment => kept.Execute(path),

        (_, PathKind.Addresses) => throw new RefusedException(Errors.DirectMode),
        (_, PathKind.Unsupported) => throw new RefusedException(Errors.Unsupported($"Resources of type '{path.Type}'")),
        (_, PathKind.UnreachableItem) => throw new RefusedException(Errors.ItemNotFound),
        (_, PathKind.Unknown) => throw new RefusedException(Errors.RouteNotFound),
        _ => throw new RefusedException(Errors.MethodNotAllowed),
    };

    /// <summary>
    /// A read of items, answered by replicas that lag: those of all partitions, in one order, so that two reads never wait for each other.
    /// </summary>
    public Answer DispatchBehind(CosmosRequest request, ResourcePath path, ReplicaLag lag)
    {
        Func<Answer> read = () => Dispatch(request, path);
        foreach (PhysicalPartition partition in containers.Find(request, path).Partitions.All)
        {
            Func<Answer> inner = read;
            long seen = ContainerAccess.SeenLsn(request, partition);
            read = () => partition.ReadBehind(lag, seen, inner);
        }

        return read();
    }

    /// <summary>The container of one item. Inside a container that is addressed by resource id, so is the item.</summary>
    private Container Container(CosmosRequest request, in ResourcePath path, out string id)
    {
        Container container = containers.Find(request, path);
        id = path.Container == container.ResourceIdText ? container.FindId(path.Id) ?? path.Id : path.Id;
        return container;
    }

    /// <summary>What a POST to a container's items is, by its headers and in this order. COSMOS-PROTOCOL §3.1.</summary>
    public static PostKind KindOfPost(CosmosRequest request) =>
        request.IsSet(HeaderNames.BatchRequest) ? PostKind.Batch
        : request.IsSet(HeaderNames.QueryPlan) ? PostKind.QueryPlan
        : IsQuery(request) ? PostKind.Query
        : request.IsSet(HeaderNames.Upsert) ? PostKind.Upsert
        : PostKind.Create;

    private static Answer Post(CosmosRequest request, Container container) => KindOfPost(request) switch
    {
        PostKind.Batch => BatchHandler.Execute(request, container),
        PostKind.QueryPlan => QueryHandlers.Plan(request, container),
        PostKind.Query => QueryHandlers.Execute(request, container),
        PostKind.Upsert => ItemHandlers.Upsert(request, container),
        _ => ItemHandlers.Create(request, container),
    };

    private static bool IsQuery(CosmosRequest request) =>
        request.IsSet(HeaderNames.Query)
        || request.Header(HeaderNames.ContentType)?.StartsWith(QueryType, StringComparison.OrdinalIgnoreCase) == true;
}

/// <summary>The operations that share one method and path.</summary>
internal enum PostKind
{
    Batch,
    QueryPlan,
    Query,
    Upsert,
    Create,
}
