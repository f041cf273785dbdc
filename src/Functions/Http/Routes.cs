using System.Collections.Frozen;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Every address of this API. The Functions host knows no precedence: it tries routes in the order of function names and takes the
/// first that fits. So no two routes here fit the same request, whatever the functions are called: a category can't be one of the
/// words that stand in its place, and only <see cref="Anything"/> fits what others fit too; its function is the last by name.
/// </summary>
internal static class Routes
{
    /// <summary>Of every address, as in <c>host.json</c>.</summary>
    public const string Prefix = "api";

    public const string ErrorPages = "docs/errors";
    public const string ErrorPage = ErrorPages + "/{problem}";
    public const string ApiDescription = "openapi.json";
    public const string ApiPage = "docs";
    public const string ApiPageFile = "docs/assets/{file}";
    public const string State = Category + "/{id}";
    public const string Events = Category + "/{id}/events";
    public const string Command = Category + "/{id}/{command}";
    public const string CommandStatus = Category + "/{id}/commands/{commandId}";
    public const string Views = "views";
    public const string ViewList = "views/{view}";
    public const string View = "views/{view}/{key}";
    public const string Entries = "views/{view}/{key}/entries";
    public const string Health = "health";
    public const string HealthLive = "health/live";
    public const string HealthReady = "health/ready";
    public const string Consumers = "manage/consumers";
    public const string Consumer = "manage/consumers/{consumer}";
    public const string Auditor = "manage/auditor";
    public const string RetryAll = "manage/consumers/{consumer}/retry";
    public const string Actions = "manage/actions";
    public const string PastState = "manage/streams/{stream}";
    public const string Commits = "manage/streams/{stream}/commits";
    public const string Explain = "manage/streams/{stream}/explain";
    public const string Reconsider = "manage/streams/{stream}/reconsider";
    public const string Refused = "manage/streams/{stream}/refused";
    public const string Verify = "manage/streams/{stream}/verify";
    public const string Try = "manage/streams/{stream}/try/{command}";
    public const string VerifyAll = "manage/verify";
    public const string Export = "manage/export";
    public const string Import = "manage/import";
    public const string ReconsiderCategory = "manage/reconsider";
    public const string Conversation = "manage/conversations/{correlationId}";
    public const string Projections = "manage/projections";
    public const string Projection = "manage/projections/{projection}";
    public const string ProjectionServe = "manage/projections/{projection}/serve";
    public const string ProjectionPause = "manage/projections/{projection}/pause";
    public const string ProjectionResume = "manage/projections/{projection}/resume";
    public const string ProjectionRetire = "manage/projections/{projection}/retire";
    public const string ProjectionRebuild = "manage/projections/{projection}/rebuild";
    public const string ProjectionKey = "manage/projections/{projection}/keys/{key}";
    public const string Parked = "manage/consumers/{consumer}/parked";
    public const string ParkedStream = "manage/consumers/{consumer}/parked/{stream}";
    public const string ParkedRetry = "manage/consumers/{consumer}/parked/{stream}/retry";
    public const string ParkedDiscard = "manage/consumers/{consumer}/parked/{stream}/discard";
    public const string RecentCommits = "manage/commits";
    public const string Streams = "manage/streams";
    public const string RecentRefused = "manage/refused";
    public const string AllParked = "manage/parked";
    public const string Inbox = "manage/inbox";
    public const string Lag = "manage/lag";
    public const string Model = "manage/model";
    public const string Console = "console";
    public const string ConsoleFile = "console/assets/{file}";
    public const string Anything = "{*path}";

    public const string Get = "GET, HEAD";
    public const string Post = "POST";

    // The constraint ignores case, as the literal segments of other routes do.
    private const string Category = "{category:regex(^(?!(views|health|manage|openapi|docs|console)$)[a-z][a-z0-9]*$)}";

    private static readonly FrozenSet<string> ReservedWords =
        FrozenSet.ToFrozenSet(["views", "health", "manage", "openapi", "docs", "console"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Called once at start, so that a name without an address is found before the first request.</summary>
    /// <exception cref="ArgumentException">A category or a command has a name that its routes can't have.</exception>
    public static void Check(IEnumerable<IAggregateEndpoint> aggregates)
    {
        foreach (IAggregateEndpoint aggregate in aggregates)
        {
            if (ReservedWords.Contains(aggregate.Category))
            {
                throw new ArgumentException($"An aggregate can't be called '{aggregate.Category}': that word has a route of its own.");
            }
            if (aggregate.HasCommand("events"))
            {
                throw new ArgumentException($"A command of '{aggregate.Category}' can't be called 'events': that word has a route of its own.");
            }
        }
    }

    /// <summary>Whether a segment stands for something else than a category.</summary>
    public static bool IsReserved(string segment) => ReservedWords.Contains(segment);

    /// <summary>The methods that work at a path below the prefix; null when nothing is there. Fixed words fit in any case, as in the host.</summary>
    public static string? MethodsAt(string[] segments, FrozenDictionary<string, IAggregateEndpoint> aggregates) =>
        segments is [var category, _, ..] && aggregates.TryGetValue(category, out IAggregateEndpoint? aggregate)
            ? segments switch
            {
                [_, _] => Get,
                [_, _, var word] when Is(word, "events") => Get,
                [_, _, var command] when aggregate.HasCommand(command) => Post,
                [_, _, var word, _] when Is(word, "commands") => Get,
                _ => null,
            }
            : segments switch
            {
                [var word] when Is(word, Health) || Is(word, Views) || Is(word, ApiDescription) || Is(word, ApiPage) || Is(word, Console) => Get,
                [var word, _] when Is(word, Views) => Get,
                [var word, var form] when Is(word, Health) && (Is(form, "live") || Is(form, "ready")) => Get,
                [var word, _, _] when Is(word, Views) => Get,
                [var word, var pages, _] when Is(word, "docs") && (Is(pages, "errors") || Is(pages, "assets")) => Get,
                [var word, var assets, _] when Is(word, Console) && Is(assets, "assets") => Get,
                [var word, ..] when Is(word, "manage") => ManagementMethods(segments),
                [var word, _, _, var entries] when Is(word, Views) && Is(entries, "entries") => Get,
                _ => null,
            };

    private static string? ManagementMethods(string[] segments) => segments switch
    {
        [_, var word] when Is(word, "consumers") || Is(word, "projections") || Is(word, "actions") || Is(word, "auditor") => Get,
        [_, var word] when Is(word, "verify") || Is(word, "export") || Is(word, "reconsider") => Get,
        [_, var word] when Is(word, "commits") || Is(word, "streams") || Is(word, "refused") || Is(word, "parked") => Get,
        [_, var word] when Is(word, "inbox") || Is(word, "lag") || Is(word, "model") => Get,
        [_, var word] when Is(word, "import") => Post,
        [_, var word, _] when Is(word, "consumers") || Is(word, "projections") || Is(word, "streams") || Is(word, "conversations") => Get,
        [_, var word, _, var action] when Is(word, "projections") =>
            Is(action, "serve") || Is(action, "pause") || Is(action, "resume") || Is(action, "retire") || Is(action, "rebuild") ? Post : null,
        [_, var word, _, var keys, _] when Is(word, "projections") && Is(keys, "keys") => Get,
        [_, var word, _, var question] when Is(word, "streams") =>
            Is(question, "commits") || Is(question, "explain") || Is(question, "reconsider") || Is(question, "refused") || Is(question, "verify") ? Get : null,
        [_, var word, _, var tried, _] when Is(word, "streams") && Is(tried, "try") => Post,
        [_, var word, _, var retry] when Is(word, "consumers") && Is(retry, "retry") => Post,
        [_, var word, _, var parked, .. var rest] when Is(word, "consumers") && Is(parked, "parked") => rest switch
        {
            [] or [_] => Get,
            [_, var action] when Is(action, "retry") || Is(action, "discard") => Post,
            _ => null,
        },
        _ => null,
    };

    private static bool Is(string segment, string word) => string.Equals(segment, word, StringComparison.OrdinalIgnoreCase);
}
