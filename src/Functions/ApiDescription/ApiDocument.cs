using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Views;

namespace Serverless.Functions.ApiDescription;

/// <summary>
/// The OpenAPI 3.1 document of this API, made from the registrations of the context when it is asked for first, so that starting costs nothing
/// and a context of one's own is described without a line about it.
/// </summary>
public sealed class ApiDocument(BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates)
{
    private const string Intro =
        """
        Commands change streams of events, and views follow them with a delay. An answer to a command has a `token`: a view that is asked with
        `seen` set to it waits until it has seen that command. Where there is GET there is HEAD.

        Errors are problem details (RFC 9457). Their `type` leads to a page, and clients go by their `code`; the schema `ProblemDocument` lists
        every kind.
        """;

    private readonly Lazy<(byte[] Body, string ETag)> written = new(() =>
    {
        byte[] body = ApiNames.Utf8(Build(context, aggregates));
        return (body, ContentTag.Of(body));
    });

    /// <summary>The document as UTF-8 JSON, the same for as long as this process runs.</summary>
    public ReadOnlyMemory<byte> Body => written.Value.Body;

    public string ETag => written.Value.ETag;

    private static JsonObject Build(BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates)
    {
        SchemaSet schemas = new();
        ApiExamples examples = ApiExamples.Of(context);
        // The names of this API's own types are taken first: those of a context never change them.
        schemas.Add(ApiJson.Relaxed.ProblemDocument, SchemaUse.Written);
        ApiProblems.Narrow(schemas.Components[ApiProblems.Schema]!.AsObject());
        ApiOperation[] ours =
        [
            ViewOperations.List(schemas), .. SystemOperations.All(schemas), .. StreamManagement.All(schemas), .. new ConsumerManagement(schemas).All(),
        ];
        ApiOperation[] theirs =
        [
            .. context.Aggregates.SelectMany(a => new CommandOperations(a, aggregates[a.Category], schemas).All()),
            .. context.Projections.GroupBy(p => p.Name).SelectMany(g => new ViewOperations(g.Key, [.. g], schemas).All()),
        ];
        HashSet<string> ids = [.. ours.Select(o => o.Id)];
        ApiOperation[] all = [.. theirs.Select(o => o with { Id = Free(o.Id, ids) }), .. ours];
        JsonObject paths = [];
        foreach (IGrouping<string, ApiOperation> path in all.GroupBy(o => o.Path))
        {
            paths[path.Key] = new JsonObject(path.Select(o => KeyValuePair.Create(o.Method, (JsonNode?)o.ToJson())));
        }
        HashSet<string> used = [.. References(paths)];
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = nameof(Serverless),
                ["version"] = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0",
                ["description"] = Intro,
            },
            // A path only: a host name would be one that a client can forge.
            ["servers"] = new JsonArray(new JsonObject { ["url"] = $"/{Routes.Prefix}" }),
            ["tags"] = new JsonArray([.. all.Select(o => o.Tag).Distinct().Select(ApiTags.ToJson)]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.Components,
                ["parameters"] = new ApiParameters(examples).ToJson(Names(used, "parameters")),
                ["headers"] = ApiHeaders.ToJson(Names(used, "headers")),
                ["responses"] = new JsonObject
                {
                    ["Unauthorized"] = new JsonObject { ["description"] = "The key is missing or not the right one. The answer has no body." },
                },
                ["examples"] = ApiProblems.Examples(Names(used, "examples"), examples),
                ["securitySchemes"] = ApiKeys.ToJson(),
            },
        };
    }

    /// <summary>The name, with a number behind it if an operation has it already: clients are generated from these.</summary>
    private static string Free(string id, HashSet<string> taken)
    {
        string free = id;
        for (int number = 2; !taken.Add(free); number++)
        {
            free = $"{id}{number}";
        }
        return free;
    }

    private static HashSet<string> Names(IEnumerable<string> references, string kind) =>
        [.. references.Select(r => r.Split('/')).Where(r => r[2] == kind).Select(r => r[3])];

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(m => m.Key == "$ref" ? [(string)m.Value!] : References(m.Value)),
        JsonArray a => a.SelectMany(References),
        _ => [],
    };
}
