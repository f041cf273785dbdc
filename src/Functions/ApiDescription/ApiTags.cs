using System.Text.Json.Nodes;

namespace Serverless.Functions.ApiDescription;

/// <summary>The chapters of the document; each category is one, too.</summary>
internal static class ApiTags
{
    public const string Views = "views";
    public const string Service = "system";
    public const string Consumers = "operators: consumers";
    public const string Projections = "operators: projections";
    public const string History = "operators: history";

    public static JsonNode ToJson(string tag) => new JsonObject
    {
        ["name"] = tag,
        ["description"] = tag switch
        {
            Views => "What projections make of the events.",
            Service => "Health, and what describes this API. Takes no key.",
            Consumers => "Whoever is fed with commits: how far each is, and what waits.",
            Projections => "Versions of projections: which serves, and what becomes of the others.",
            History => "What happened, what might have, and the store as a whole.",
            _ => $"Commands, state and events of one {tag}.",
        },
    };
}
