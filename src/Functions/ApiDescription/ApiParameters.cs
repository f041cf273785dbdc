using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Management;

namespace Serverless.Functions.ApiDescription;

/// <summary>Every part of an address and every query parameter and header that a request may have, each described once.</summary>
internal sealed class ApiParameters(ApiExamples examples)
{
    public const string IdempotencyKey = "Idempotency-Key";
    public const string CorrelationId = "X-Correlation-Id";
    public const string IfMatch = "If-Match";
    public const string MustBeNew = "If-None-Match.new";
    public const string IfNoneMatch = "If-None-Match";
    public const string Prefer = "Prefer";

    // Of the largest version there is, which is all nines.
    private static readonly int MaxVersionDigits = $"{Limits.MaxVersion}".Length;

    private static readonly string ClientKey = $"(?!{SystemCommandId.Prefix}){Visible(Limits.MaxCommandIdLength)}";

    private readonly (string Key, string Place, string Description, JsonObject Schema)[] all =
    [
        ("id", "path", "The id of the stream within its category.", StreamName.IdSchema(ApiExamples.Id)),
        ("commandId", "path", "What the `Location` of the answer to it ends in: the id of the command, or what stands for one that is not fit for an address.", Text(Limits.MaxCommandIdLength, ApiExamples.MessageId)),
        ("key", "path", "The key of a document of the view.", Text(null, ApiExamples.Id)),
        ("problem", "path", "The name of a kind of problem.", Text(null, "busy")),
        ("file", "path", "The name of a file.", Text(null, "swagger-ui.css")),
        ("consumer", "path", "A projection or a process with its version.", Text(HttpLimits.MaxConsumerLength, examples.Consumer)),
        ("projection", "path", "The name of a projection.", Text(null, examples.Projection)),
        ("stream", "path", "The name of a stream: category and id.", Text(null, examples.Stream)),
        ("command", "path", "The name of a command of the stream's aggregate.", Text(null, examples.Command)),
        ("correlationId", "path", "The id of a conversation.", Text(null, ApiExamples.MessageId)),

        (IdempotencyKey, "header", "Makes it safe to send the command again: a stream takes each key once, and a repetition gets the first outcome. Visible ASCII, in quotes or not. Keys that begin with `~` are reserved for the system.", Pattern($"^({ClientKey}|\"{ClientKey}\")$", ApiExamples.MessageId)),
        (CorrelationId, "header", "Stands with every commit that comes of the command; by default the id of the command.", Pattern($"^{Visible(HttpLimits.MaxCorrelationIdLength)}$", ApiExamples.MessageId)),
        (IfMatch, "header", "The version that the stream must be at, as an ETag (`\"12\"`), or `*` for a stream that exists.", Pattern($"^(\\*|\"0*[0-9]{{1,{MaxVersionDigits}}}\")$", "\"12\"")),
        (MustBeNew, "header", "`*` for a stream that must not exist yet.", new JsonObject { ["type"] = "string", ["const"] = "*" }),
        (IfNoneMatch, "header", "ETags that the client has: what has not changed is answered with 304.", Text(null, "\"12\"")),
        (Prefer, "header", "`respond-async` takes the command for later: the answer is 202 with the address of its status.", Text(null, "respond-async")),

        ("from", "query", "The first version of the page.", Number(1, Limits.MaxVersion, 1)),
        ("limit", "query", "How many there are on a page, at most: it ends earlier when they are large.", Number(1, HttpLimits.MaxEventsPerPage, HttpLimits.DefaultEventsPerPage)),
        ("seen", "query", $"What the view must have seen, in tokens as commands answer them, at most {HttpLimits.MaxSeenTokens} with commas between them. The query waits for it.", Text(null, $"{examples.Stream}:2")),
        ("version", "query", "Asks a version of the view other than the one that serves.", Number(1, int.MaxValue)),
        ("pageSize", "query", "How many there are on a page, at most: it ends earlier when they are large.", Number(1, ViewLimits.MaxPageSize, ViewLimits.DefaultPageSize)),
        ("continuation", "query", "Where the page begins, as the page before it says.", Text(null)),
        ("order", "query", "Which entries come first.", Words("newest", "oldest")),

        ("at.version", "query", "The version of the stream to look at; by default the last.", Number(1, Limits.MaxVersion)),
        ("try.version", "query", "The version of the stream to decide on, 0 for the time before its first event; by default the last.", Number(0, Limits.MaxVersion)),
        ("at", "query", "The instant to look at, in the place of a version.", Instant()),
        ("after", "query", "Where the page begins, as `next` of the page before it says.", Text(null)),
        ("period.from", "query", "Decisions from this instant on.", Instant()),
        ("period.to", "query", "Decisions before this instant.", Instant()),
        ("decisions", "query", "How many decisions one answer looks at.", Number(1, History.WhatIfFunctions.MaxDecisions, History.WhatIfFunctions.DefaultDecisions)),
        ("differences", "query", "How many differences one answer tells.", Number(1, History.WhatIfFunctions.MaxDifferences, History.WhatIfFunctions.DefaultDifferences)),
        ("category", "query", "Streams of one category only.", Text(Limits.MaxCategoryLength, examples.Category)),
        ("category.required", "query", "The category to look at.", Text(Limits.MaxCategoryLength, examples.Category)),
        ("stream.query", "query", "One stream only.", Text(null, examples.Stream)),
        ("consumer.query", "query", "A consumer with its version, or `store` for imports; by default all.", Text(HttpLimits.MaxConsumerLength, examples.Consumer)),
        ("since", "query", "What was written from this second on.", Instant()),
        ("recent.command", "query", "Commits of commands of this name.", Text(null, examples.Command)),
        ("recent.actor", "query", "Commits of this actor.", Text(HttpLimits.MaxActorLength, "key:app")),
        ("trace", "query", "Commits whose trace context has this id.", Text(null, "0af7651916cd43dd8448eb211c80319c")),
        ("recent.commandId", "query", "The commits of one command id, in the place of all other conditions.", Text(Limits.MaxCommandIdLength, ApiExamples.MessageId)),
        ("prefix", "query", "What the ids of the streams begin with.", Text(Limits.MaxStreamIdLength, "a")),
        ("streams.after", "query", "The stream after which the page begins.", Text(null, examples.Stream)),
        ("inbox.status", "query", "What became of the commands; outcomes are kept for a time.", Words("pending", "failed", "rejected", "accepted")),
        ("dryRun", "query", "Checks everything and writes nothing.", Words("false", "true")),
        ("reason", "query", "Why you import; kept on record. Required except for a dry run.", Text(ManagementBody.MaxReasonLength, "Restore after the outage of May 4")),
        ("intoExisting", "query", "Adds to streams that have commits already.", Words("false", "true")),
    ];

    // The keys of components have names of their own where one name means several things.
    private static readonly HashSet<string> RequiredInQuery = ["category.required"];

    public static JsonNode Ref(string key) => new JsonObject { ["$ref"] = $"#/components/parameters/{key}" };

    /// <summary>Those that operations refer to.</summary>
    public JsonObject ToJson(IReadOnlySet<string> used) =>
        new(all.Where(p => used.Contains(p.Key)).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Parameter(p.Key, p.Place, p.Description, p.Schema))));

    private static JsonObject Parameter(string key, string place, string description, JsonObject schema)
    {
        JsonObject json = new() { ["name"] = NameOf(key), ["in"] = place, ["description"] = description, ["schema"] = schema.DeepClone() };
        if (place == "path" || RequiredInQuery.Contains(key))
        {
            json["required"] = true;
            // Pages fill it in; what may be left out they leave empty.
            json["example"] = schema["examples"]?[0]?.DeepClone();
        }
        return json;
    }

    private static string NameOf(string key) => key switch
    {
        "at.version" or "try.version" => "version",
        "period.from" => "from",
        "period.to" => "to",
        "differences" => "limit",
        "recent.command" or "recent.actor" or "recent.commandId" or "streams.after" or "inbox.status" => key.Split('.')[1],
        _ => key.Split('.')[0],
    };

    private static JsonObject Text(int? maxLength, string? example = null)
    {
        JsonObject schema = new() { ["type"] = "string", ["minLength"] = 1 };
        if (maxLength is { } length)
        {
            schema["maxLength"] = length;
        }
        if (example is not null)
        {
            schema["examples"] = new JsonArray(example);
        }
        return schema;
    }

    private static JsonObject Pattern(string pattern, string example) =>
        new() { ["type"] = "string", ["pattern"] = pattern, ["examples"] = new JsonArray(example) };

    private static string Visible(int maxLength) => $"[!-~]{{1,{maxLength}}}";

    private static JsonObject Number(long min, long max, long? otherwise = null)
    {
        JsonObject schema = new() { ["type"] = "integer", ["format"] = "int64", ["minimum"] = min, ["maximum"] = max };
        if (otherwise is { } value)
        {
            schema["default"] = value;
        }
        return schema;
    }

    private static JsonObject Words(params string[] words) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w)]), ["default"] = words[0] };

    private static JsonObject Instant() => new() { ["type"] = "string", ["format"] = "date-time" };
}
