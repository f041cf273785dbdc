using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Views;

/// <summary>The views there are. Mirrors wire data.</summary>
internal sealed record ViewsAnswer(IReadOnlyList<ViewDescription> Views);

/// <summary>One view; building while its feed has never caught up, so that answers may lack events of any age.</summary>
internal sealed record ViewDescription(
    string Name, int Version, bool? IsBuilding, IReadOnlyList<string> FedBy, bool HasEntries, string Address)
{
    public static ViewDescription Of(ServedProjection served, string path) => new(
        served.Projection.Name,
        served.Version,
        BuildingOrNull(served),
        [.. served.Projection.Categories.Order(StringComparer.Ordinal)],
        served.Projection.HasEntries,
        $"{path.TrimEnd('/')}/{served.Projection.Name}");

    /// <summary>Left out when it is false, as nearly always.</summary>
    public static bool? BuildingOrNull(ServedProjection served) => served.IsBuilding ? true : null;
}

/// <summary>
/// One document of a view with its fence: the version of every stream that went into it, and the time of the newest commit. Totals
/// keep a fence for each stream of the system elsewhere and show those that were asked for. Mirrors wire data.
/// </summary>
internal sealed record ViewAnswer(
    string View, int Version, bool? IsBuilding, string Key, DateTimeOffset AsOf, IReadOnlyDictionary<string, long>? Seen, RawJson Data)
{
    public static ViewAnswer Of(ServedProjection served, string key, ViewDocument document, ViewLook look) => new(
        served.Projection.Name, served.Version, ViewDescription.BuildingOrNull(served), key, document.AsOf, look.Seen, new RawJson(document.Data));
}

/// <summary>A page of a view, with a token and the address for the next page, when there is one. Mirrors wire data.</summary>
internal sealed record ViewListAnswer(
    string View, int Version, bool? IsBuilding, IReadOnlyList<ViewItemAnswer> Items, string? Continuation, string? Next);

internal sealed record ViewItemAnswer(string Key, DateTimeOffset AsOf, IReadOnlyDictionary<string, long>? Seen, RawJson Data)
{
    /// <summary>Documents that share a partition are told apart by their ids; the others by their partition.</summary>
    public static ViewItemAnswer Of(ViewItem item) => new(
        item.Document.Id == ViewDocument.SingleId ? item.Key : item.Document.Id,
        item.Document.AsOf,
        new ViewLook(item.Document, RequestCharge: 0).Seen,
        new RawJson(item.Document.Data));
}

/// <summary>A page of what is listed under one key, at least as new as its time and fence say. Mirrors wire data.</summary>
internal sealed record EntriesAnswer(
    string View,
    int Version,
    bool? IsBuilding,
    string Key,
    DateTimeOffset AsOf,
    IReadOnlyDictionary<string, long>? Seen,
    IReadOnlyList<EntryAnswer> Entries,
    string? Continuation,
    string? Next);

internal sealed record EntryAnswer(string Id, RawJson Data)
{
    public static EntryAnswer Of(ViewItem item) => new(item.Document.Id, new RawJson(item.Document.Data));
}
