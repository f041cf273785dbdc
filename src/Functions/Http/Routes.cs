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
    public const string State = Category + "/{id}";
    public const string Events = Category + "/{id}/events";
    public const string Command = Category + "/{id}/{command}";
    public const string Views = "views";
    public const string ViewList = "views/{view}";
    public const string View = "views/{view}/{key}";
    public const string Entries = "views/{view}/{key}/entries";
    public const string Health = "health";
    public const string Anything = "{*path}";

    public const string Get = "GET, HEAD";
    public const string Post = "POST";

    // The constraint ignores case, as the literal segments of other routes do.
    private const string Category = "{category:regex(^(?!(views|health|manage|openapi|docs)$)[a-z][a-z0-9]*$)}";

    private static readonly FrozenSet<string> ReservedWords =
        FrozenSet.ToFrozenSet(["views", "health", "manage", "openapi", "docs"], StringComparer.OrdinalIgnoreCase);

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

    /// <summary>The methods that work at a path below the prefix; null when nothing is there.</summary>
    public static string? MethodsAt(string path, FrozenDictionary<string, IAggregateEndpoint> aggregates) => path.Split('/') switch
    {
        [Health] or [Views] or [Views, _] or [Views, _, _] or [Views, _, _, "entries"] => Get,
        [var category, _] when aggregates.ContainsKey(category) => Get,
        [var category, _, "events"] when aggregates.ContainsKey(category) => Get,
        [var category, _, var command] when aggregates.TryGetValue(category, out IAggregateEndpoint? aggregate)
            && aggregate.HasCommand(command) => Post,
        _ => null,
    };
}
