using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>What each aggregate offers: its commands, its state and its events, with the types of its registration.</summary>
internal sealed class CommandOperations(AggregateShape aggregate, IAggregateEndpoint endpoint, SchemaSet schemas)
{
    private readonly string pascal = ApiNames.Pascal(aggregate.Category);

    public IEnumerable<ApiOperation> All()
    {
        // Bodies first: of two forms of a type, the one that clients write has its plain name.
        (CommandShape Command, JsonObject Body)[] commands =
            [.. aggregate.Commands.Where(c => !c.IsInternal).Select(c => (c, schemas.Add(c.Json, SchemaUse.Read)))];
        JsonObject @event = EventData();
        JsonObject answer = schemas.AddAround(ApiJson.Relaxed.CommandAnswer, pascal, @event);
        JsonObject status = schemas.AddAround(ApiJson.Relaxed.InboxAnswer, pascal, @event);
        return
        [
            .. commands.Select(c => Command(c.Command, c.Body, answer, status)),
            State(schemas.AddAround(ApiJson.Relaxed.StateAnswer, pascal, schemas.Add(aggregate.StateJson, SchemaUse.Written))),
            Events(schemas.AddAround(ApiJson.Relaxed.EventsAnswer, pascal, @event)),
            Status(status),
        ];
    }

    private ApiOperation Command(CommandShape command, JsonObject body, JsonObject answer, JsonObject status) =>
        new(
            "post",
            Path(Routes.Command).Replace("{command}", command.Name, StringComparison.Ordinal),
            aggregate.Category + ApiNames.Pascal(command.Name),
            aggregate.Category,
            ApiAccess.Function,
            command.Summary.Length == 0 ? command.Name : command.Summary)
        {
            Description = Codes() is { Length: > 0 } codes ? $"Rejections (422) of {aggregate.Category} have one of the codes {codes}." : null,
            Parameters = [ApiParameters.IdempotencyKey, ApiParameters.CorrelationId, ApiParameters.IfMatch, ApiParameters.MustBeNew, ApiParameters.Prefer],
            Body = new ApiBody(body, IsRequired(body), ExampleOf(command, body)),
            Answers =
            [
                new ApiAnswer(200, "Done, or done before. Without events there was nothing to do.", answer, [.. Headers, ApiHeaders.ETag]),
                new ApiAnswer(201, "Done, with the first events of the stream.", answer, [.. Headers, ApiHeaders.ETag]),
                new ApiAnswer(202, "Taken for later.", status, [.. Headers, ApiHeaders.PreferenceApplied, ApiHeaders.RetryAfter]),
            ],
            ProblemHeaders = [.. Echoes, ApiHeaders.RequestCharge],
            Problems =
            [
                ProblemKind.InvalidRequest, ProblemKind.MalformedJson, ProblemKind.InvalidCommand, ProblemKind.Forbidden, ProblemKind.Contention,
                ProblemKind.LengthRequired, ProblemKind.PreconditionFailed, ProblemKind.BodyTooLarge, ProblemKind.CommitTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.CommandRejected, ProblemKind.IdempotencyKeyReused, ProblemKind.Busy,
            ],
        };

    private static string[] Echoes => [ApiParameters.IdempotencyKey, ApiParameters.CorrelationId];

    private static string[] Headers => [.. Echoes, ApiHeaders.Location, ApiHeaders.RequestCharge];

    private string Codes() => string.Join(", ", aggregate.Rejections().Select(r => $"`{r.Code}`").Distinct());

    private ApiOperation State(JsonObject answer) => Get(Routes.State, $"get{pascal}State", $"The state that decisions about this {aggregate.Category} are made on.") with
    {
        Parameters = [ApiParameters.IfNoneMatch],
        Answers = [ApiAnswer.Ok(answer, ApiHeaders.ETag, ApiHeaders.RequestCharge), ApiAnswer.NotModified],
        Problems = [ProblemKind.InvalidRequest, ProblemKind.Forbidden, ProblemKind.UnknownStream],
    };

    private ApiOperation Events(JsonObject answer) => Get(Routes.Events, $"list{pascal}Events", $"Every event of this {aggregate.Category}, as stored.") with
    {
        Parameters = ["from", "limit"],
        Answers = [ApiAnswer.Ok(answer)],
        Problems = [ProblemKind.InvalidRequest, ProblemKind.Forbidden, ProblemKind.UnknownStream],
    };

    private ApiOperation Status(JsonObject answer) => Get(Routes.CommandStatus, $"get{pascal}CommandStatus", "What came of a command that was taken for later.") with
    {
        Answers = [ApiAnswer.Ok(answer, ApiHeaders.RetryAfter)],
        Problems = [ProblemKind.InvalidRequest, ProblemKind.Forbidden, ProblemKind.UnknownCommandId],
    };

    private ApiOperation Get(string route, string id, string summary) =>
        new("get", Path(route), id, aggregate.Category, ApiAccess.Function, summary) { Answers = [] };

    private string Path(string route) => "/" + aggregate.Category + route[route.IndexOf("/{id}", StringComparison.Ordinal)..];

    /// <summary>Stored events stay as they were written: those of older versions have shapes of their own.</summary>
    private JsonObject EventData() => schemas.Add($"{pascal}EventData", new JsonObject
    {
        ["type"] = "object",
        ["description"] = $"By `type` and `schemaVersion`: {string.Join(", ", aggregate.Events.Select(Shape))}. Older versions look as they did.",
        ["anyOf"] = new JsonArray([.. aggregate.Events.Select(e => schemas.Add(e.Json, SchemaUse.Written)), new JsonObject { ["type"] = "object" }]),
    });

    private static string Shape(EventShape e) => $"`{e.Name}` version {e.Version} is {e.Json.Type.Name}";

    /// <summary>Without required members there may be no body at all.</summary>
    private bool IsRequired(JsonObject body) => schemas.Resolve(body).ContainsKey("required");

    /// <summary>The registration's example, or one made up; none rather than one that would be refused.</summary>
    private JsonNode? ExampleOf(CommandShape command, JsonObject body)
    {
        JsonNode? example = command.Example is { } given ? JsonSerializer.SerializeToNode(given, command.Json) : SchemaSample.Of(body, schemas.Components);
        return example is not null && endpoint.TryRead(command.Name, ApiNames.Utf8(example), out _, out _) ? example : null;
    }
}
