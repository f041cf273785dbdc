using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Users, permissions, stored procedures, triggers and user-defined functions as resources. Nothing here is ever executed.</summary>
internal sealed class KeptHandlers(Account account, ResourceTokens tokens)
{
    private const string ExpirySeconds = "x-ms-documentdb-expiry-seconds";

    public Answer List(CosmosRequest request, in ResourcePath path)
    {
        (KeptParent parent, KeptKind kind, _) = Parent(path);
        return ResourceList.Page(
            request, parent.ResourceIdText, kind.Feed, account.Kept.In(parent, kind).Select(one => (one.Name, Shown(request, one))));
    }

    public Answer Query(CosmosRequest request, in ResourcePath path)
    {
        (KeptParent parent, KeptKind kind, _) = Parent(path);
        return QueryHandlers.OverResources(
            request, parent.ResourceIdText, kind.Feed, account.Kept.In(parent, kind).Select(one => Shown(request, one)), account.Options.Clock);
    }

    public Answer Create(CosmosRequest request, in ResourcePath path)
    {
        (KeptParent parent, KeptKind kind, _) = Parent(path);
        (KeptResource resource, bool isNew) = account.Kept.Write(parent, kind, request.Body, request.IsSet(HeaderNames.Upsert));
        return Answer(request, isNew ? 201 : 200, resource, path);
    }

    public Answer Read(CosmosRequest request, in ResourcePath path)
    {
        KeptResource resource = Find(path, out _);
        string? etag = EtagOf(resource);
        return request.Header(HeaderNames.IfNoneMatch) == etag ? new Answer(304) { Etag = etag } : Answer(request, 200, resource, path);
    }

    public Answer Replace(CosmosRequest request, in ResourcePath path)
    {
        KeptResource resource = Find(path, out KeptParent parent);
        CheckUnchanged(request, resource);
        return Answer(request, 200, account.Kept.Replace(parent, resource, request.Body), path);
    }

    public Answer Delete(CosmosRequest request, in ResourcePath path)
    {
        KeptResource resource = Find(path, out _);
        CheckUnchanged(request, resource);
        account.Kept.Delete(resource);
        return new Answer(204);
    }

    public Answer Execute(in ResourcePath path)
    {
        // The service's own procedures, such as the bulk insert of older clients, are in no list.
        string name = path.Id.StartsWith("__.sys.", StringComparison.Ordinal) ? path.Id : Find(path, out _).Name;
        throw new RefusedException(Errors.NotImplemented(
            $"The stored procedure '{name}' can't be executed: this emulator keeps scripts but does not run JavaScript."));
    }

    private KeptResource Find(in ResourcePath path, out KeptParent parent)
    {
        (parent, KeptKind kind, _) = Parent(path);
        return account.Kept.Find(parent, kind, path.Id);
    }

    private (KeptParent Parent, KeptKind Kind, Container? Container) Parent(in ResourcePath path)
    {
        KeptKind kind = KeptKind.Of(path.Type);
        Database database = account.Databases.Find(path.Database) ?? throw new RefusedException(Errors.DatabaseNotFound);
        var databaseParent = new KeptParent(database.Id, database.ResourceIdText, $"dbs/{database.ResourceIdText}/");
        if (kind == KeptKind.Users)
        {
            return (databaseParent, kind, null);
        }

        if (kind == KeptKind.Permissions)
        {
            KeptResource user = account.Kept.Find(databaseParent, KeptKind.Users, path.Container);
            return (new KeptParent(ResourceId.Bytes(user.ResourceIdText), user.ResourceIdText, user.Self), kind, null);
        }

        Container container = database.Containers.Find(path.Container) ?? throw new RefusedException(Errors.ContainerNotFound);
        return (new KeptParent(container.Id, container.ResourceIdText, container.Self), kind, container);
    }

    private Answer Answer(CosmosRequest request, int status, KeptResource resource, in ResourcePath path)
    {
        Container? container = Parent(path).Container;
        return new(status, Shown(request, resource)) { Etag = EtagOf(resource), Owner = container, Usage = container?.Size };
    }

    /// <summary>A permission is shown with a token that is good for an hour, or for as long as the client asks.</summary>
    private byte[] Shown(CosmosRequest request, KeptResource resource)
    {
        if (resource.Kind != KeptKind.Permissions)
        {
            return resource.Document;
        }

        JsonObject document = JsonNode.Parse(resource.Document)!.AsObject();
        int seconds = request.Header(ExpirySeconds) is not { Length: > 0 } text ? ResourceTokens.DefaultSeconds
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int asked) && asked is > 0 and <= ResourceTokens.MaxSeconds ? asked
            : throw new RefusedException(Errors.BadRequest($"{ExpirySeconds} is a number from 1 to {ResourceTokens.MaxSeconds}."));
        document["_token"] = tokens.Create(document, seconds);
        return Encoding.UTF8.GetBytes(document.ToJsonString(CompactJson.Options));
    }

    private static void CheckUnchanged(CosmosRequest request, KeptResource resource)
    {
        if (request.Header(HeaderNames.IfMatch) is { } wanted and not "*" && wanted != EtagOf(resource))
        {
            throw new RefusedException(Errors.PreconditionFailed);
        }
    }

    private static string? EtagOf(KeptResource resource)
    {
        using JsonDocument parsed = JsonDocument.Parse(resource.Document);
        return parsed.RootElement.GetProperty("_etag"u8).GetString();
    }
}
