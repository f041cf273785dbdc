using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.History;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>What operators can learn about streams and do with the store.</summary>
internal static class StreamManagement
{
    private static readonly ProblemKind[] OfStream = [ProblemKind.InvalidRequest, ProblemKind.UnknownCategory, ProblemKind.UnknownStream];

    public static IEnumerable<ApiOperation> All(SchemaSet schemas)
    {
        JsonObject reconsidered = schemas.Add(ApiJson.Relaxed.ReconsiderAnswer, SchemaUse.Written);
        return
        [
            Get(Routes.RecentCommits, "listRecentCommits", "The commits that were written last, newest first, without their data.") with
            {
                Description = $"Commits by command, actor, or trace are looked for among the newest, {RecentFunctions.MaxLooked} per question at most: a page without any may have a continuation.",
                Parameters = ["category", "since", "recent.command", "recent.actor", "trace", "recent.commandId", "pageSize", "continuation"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.RecentCommitsAnswer, SchemaUse.Written))],
                Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownCategory],
            },
            Get(Routes.Streams, "listStreams", "The names of a category's streams.") with
            {
                Parameters = ["category.required", "prefix", "streams.after", "pageSize"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.StreamListAnswer, SchemaUse.Written))],
                Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownCategory],
            },
            Get(Routes.RecentRefused, "listRecentRefused", "The commands that were refused last, newest first, in all streams.") with
            {
                Parameters = ["category", "since", "pageSize", "continuation"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.RecentRefusedAnswer, SchemaUse.Written))],
                Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownCategory],
            },
            Get(Routes.PastState, "getPastState", "The state of a stream at a version or an instant.") with
            {
                Parameters = ["at.version", "at"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.PastStateAnswer, SchemaUse.Written))],
                Problems = [.. OfStream, ProblemKind.UnknownVersion],
            },
            Get(Routes.Commits, "listCommits", "The commits of a stream, each with the command behind it.") with
            {
                Parameters = ["from", "limit"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.CommitsAnswer, SchemaUse.Written))],
                Problems = [.. OfStream, ProblemKind.UnknownVersion],
            },
            Get(Routes.Explain, "explainStream", "Each event with the state before and after it.") with
            {
                Parameters = ["from", "limit"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.ExplainAnswer, SchemaUse.Written))],
                Problems = [.. OfStream, ProblemKind.UnknownVersion],
            },
            new("post", "/" + Routes.Try, "tryCommand", ApiTags.History, ApiAccess.Management, "What would come of a command. Writes nothing.")
            {
                Parameters = ["try.version", "at"],
                Body = new ApiBody(new JsonObject { ["type"] = "object", ["description"] = "The body of the command." }, IsRequired: false),
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.TrialAnswer, SchemaUse.Written))],
                Problems =
                [
                    ProblemKind.InvalidRequest, ProblemKind.UnknownCategory, ProblemKind.UnknownVersion, ProblemKind.UnknownCommand, ProblemKind.MalformedJson,
                    ProblemKind.InvalidCommand, ProblemKind.BodyTooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.LengthRequired,
                ],
            },
            Get(Routes.Refused, "listRefused", "The commands that a stream refused, as far as they are kept.") with
            {
                Parameters = ["after", "limit"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.RefusedListAnswer, SchemaUse.Written))],
                Problems = OfStream,
            },
            Get(Routes.Reconsider, "reconsiderStream", "What today's rules make of the commands of a stream.") with
            {
                Parameters = ["period.from", "period.to", "decisions", "differences", "continuation"],
                Answers = [ApiAnswer.Ok(reconsidered)],
                Problems = OfStream,
            },
            Get(Routes.ReconsiderCategory, "reconsiderCategory", "What today's rules make of the commands of a category.") with
            {
                Parameters = ["category.required", "period.from", "period.to", "decisions", "differences", "continuation"],
                Answers = [ApiAnswer.Ok(reconsidered)],
                Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownCategory],
            },
            Get(Routes.Verify, "verifyStream", "Whether a stream is what was written.") with
            {
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.VerifyAnswer, SchemaUse.Written))],
                Problems = OfStream,
            },
            Get(Routes.VerifyAll, "verifyStore", "Whether the store is what was written, in parts.") with
            {
                Parameters = ["category", "continuation"],
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.VerifyAllAnswer, SchemaUse.Written))],
                Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownCategory],
            },
            Get(Routes.Conversation, "getConversation", "Which command caused which events, and which commands those caused.") with
            {
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.ConversationAnswer, SchemaUse.Written))],
                Problems = [ProblemKind.UnknownConversation],
            },
            Get(Routes.Export, "exportCommits", "Commits as JSON Lines, in parts.") with
            {
                Parameters = ["category", "stream.query", "continuation"],
                Answers = [ApiAnswer.Ok(Lines(), StoreFunctions.ContinuationHeader) with { MediaType = "application/jsonl" }],
                Problems = OfStream,
            },
            new("post", "/" + Routes.Import, "importCommits", ApiTags.History, ApiAccess.Management, "Brings lines of an export into the store.")
            {
                Description = $"Off unless the setting {ImportFunctions.Setting} is true. A request takes at most {RecordedImport.MaxStreams} streams.",
                Parameters = ["dryRun", "reason", "intoExisting"],
                Body = new ApiBody(Lines(), IsRequired: true, MediaType: "application/jsonl"),
                Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.ImportAnswer, SchemaUse.Written))],
                Problems =
                [
                    ProblemKind.InvalidRequest, ProblemKind.ImportRefused, ProblemKind.BodyTooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.LengthRequired,
                ],
            },
        ];
    }

    private static ApiOperation Get(string route, string id, string summary) => new("get", "/" + route, id, ApiTags.History, ApiAccess.Management, summary) { Answers = [] };

    private static JsonObject Lines() => new() { ["type"] = "string", ["description"] = "One commit a line." };
}
