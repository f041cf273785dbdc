using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Views;

/// <summary>The query side. Views follow the commits with a delay; each says how far it has come.</summary>
public sealed class ViewFunctions(VersionedProjections projections, IViewStore views, ViewReader reader, RoleRules roles)
{
    [Function("ListViews")]
    public async Task<HttpResponseData> ListViewsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Views)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        List<ViewDescription> found = [];
        foreach (string name in projections.Names.Where(n => roles.MayRead(request, n)))
        {
            found.Add(ViewDescription.Of(await projections.ServingAsync(name, cancellationToken), request.Url.AbsolutePath));
        }
        ViewsAnswer answer = new(found);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ViewsAnswer, cancellationToken);
    }

    [Function("ListView")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.ViewList)] HttpRequestData request,
        string view,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        roles.CheckView(request, view);
        ServedProjection served = await projections.RequireViewAsync(request, view, cancellationToken);
        ViewQuery query = Query(request, served, ViewKind.View, key: null, newestFirst: false);
        ViewPage page = await ReadPageAsync(query, cancellationToken);
        ViewListAnswer answer = new(
            view, served.Version, ViewDescription.BuildingOrNull(served), [.. page.Items.Select(ViewItemAnswer.Of)], Continuation(query, page), Next(request, query, page));
        HttpResponseData response = await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ViewListAnswer, cancellationToken);
        response.AddRequestCharge(page.RequestCharge);
        return response;
    }

    [Function("GetView")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.View)] HttpRequestData request,
        string view,
        string key,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        roles.CheckView(request, view);
        ServedProjection served = await projections.RequireViewAsync(request, view, cancellationToken);
        ViewLook look = await reader.ReadAsync(served, key, request.Seen(), cancellationToken);
        if (look.Document is not { } document)
        {
            return await request.ProblemAsync(UnknownKey(served, key));
        }
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(ViewAnswer.Of(served, key, document, look), ApiJson.Relaxed.ViewAnswer);
        HttpResponseData response = await request.CacheableAsync(ContentTag.Of(body), body, cancellationToken);
        response.AddRequestCharge(look.RequestCharge);
        return response;
    }

    [Function("ListViewEntries")]
    public async Task<HttpResponseData> ListEntriesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Entries)] HttpRequestData request,
        string view,
        string key,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        roles.CheckView(request, view);
        ServedProjection served = await projections.RequireViewAsync(request, view, cancellationToken);
        if (!served.Projection.HasEntries)
        {
            return await request.ProblemAsync(new Problem(ProblemKind.UnknownRoute, $"The view '{view}' has no entries."));
        }
        bool newestFirst = request.QueryWord("order", "newest", "oldest") == "newest";
        ViewQuery query = Query(request, served, ViewKind.Entry, served.Projection.Locate(key).PartitionKey, newestFirst);
        // First how far the view is, then its entries, which can only be newer than that.
        ViewLook look = await reader.ReadAsync(served, key, request.Seen(), cancellationToken);
        if (look.Document is not { } header)
        {
            return await request.ProblemAsync(UnknownKey(served, key));
        }
        ViewPage page = await ReadPageAsync(query, cancellationToken);
        EntriesAnswer answer = new(
            view, served.Version, ViewDescription.BuildingOrNull(served), key, header.AsOf, look.Seen, [.. page.Items.Select(EntryAnswer.Of)],
            Continuation(query, page), Next(request, query, page, newestFirst ? "newest" : "oldest"));
        HttpResponseData response = await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.EntriesAnswer, cancellationToken);
        response.AddRequestCharge(look.RequestCharge + page.RequestCharge);
        return response;
    }

    private async Task<ViewPage> ReadPageAsync(ViewQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await views.ListAsync(query, cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            throw ContinuationToken.Invalid();
        }
    }

    private static ViewQuery Query(HttpRequestData request, ServedProjection served, ViewKind kind, string? key, bool newestFirst)
    {
        int pageSize = (int)request.QueryNumber("pageSize", ViewLimits.DefaultPageSize, min: 1, ViewLimits.MaxPageSize);
        ViewQuery query = new(served.Projection.Name, served.Version, kind, key, newestFirst, pageSize, Continuation: null);
        return query with { Continuation = request.Query["continuation"] is { } token ? ContinuationToken.Read(token, query) : null };
    }

    private static string? Continuation(ViewQuery query, ViewPage page) =>
        page.Continuation is { } stored ? ContinuationToken.Write(stored, query) : null;

    // Built from nothing but the path and what was understood of the query, which may hold a key.
    private static string? Next(HttpRequestData request, ViewQuery query, ViewPage page, string? order = null) =>
        Continuation(query, page) is { } token
            ? $"{request.Url.AbsolutePath}?pageSize={query.PageSize}{(order is null ? "" : $"&order={order}")}&continuation={token}"
            : null;

    private static Problem UnknownKey(ServedProjection served, string key) => new(
        ProblemKind.UnknownViewKey,
        $"'{served.Projection.Name}' has nothing under '{key}'. " + (served.IsBuilding
            ? "The view is being built from the first event on: try again later."
            : "Views follow the commits with a delay."));
}
