using System.Text.Json;

namespace Serverless.Cli.Answers;

/// <summary>What came of a command. Mirrors wire data.</summary>
internal sealed record CommandOutcomeDocument(
    string Stream, long Version, string? Token, string CommandId, string CorrelationId, bool Repeated, IReadOnlyList<EventDocument> Events, double RequestCharge);

/// <summary>A command that waits in the inbox. Mirrors wire data.</summary>
internal sealed record StoredCommandDocument(string CommandId, string Status, string? Stream = null);

/// <summary>The views. Mirrors wire data.</summary>
internal sealed record ViewsDocument(IReadOnlyList<ViewSummaryDocument> Views);

internal sealed record ViewSummaryDocument(string Name, int Version, IReadOnlyList<string> FedBy, bool HasEntries, bool? IsBuilding = null);

/// <summary>A page of the documents of a view. Mirrors wire data.</summary>
internal sealed record ViewPageDocument(IReadOnlyList<ViewItemDocument> Items, string? Continuation = null);

internal sealed record ViewItemDocument(string Key, DateTimeOffset AsOf, JsonElement Data, IReadOnlyDictionary<string, long>? Seen = null);

/// <summary>One document of a view. Mirrors wire data.</summary>
internal sealed record ViewDocumentDocument(
    string View, int Version, string Key, DateTimeOffset AsOf, JsonElement Data, IReadOnlyDictionary<string, long>? Seen = null,
    bool? IsBuilding = null);
