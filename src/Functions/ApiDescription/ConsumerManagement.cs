using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Serverless.Functions.Http;
using Serverless.Functions.Management;

namespace Serverless.Functions.ApiDescription;

/// <summary>What operators can learn about consumers and projections, and do to them.</summary>
internal sealed class ConsumerManagement(SchemaSet schemas)
{
    private static readonly ProblemKind[] OfBody =
        [ProblemKind.InvalidRequest, ProblemKind.BodyTooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.LengthRequired];

    public IReadOnlyList<ApiOperation> All()
    {
        IReadOnlyList<ApiOperation> all = Operations();
        // Last, because several operations share a body: a type that is described again has to look as it did.
        foreach (JsonTypeInfo body in (JsonTypeInfo[])
            [ManagementJson.Default.RetryRequest, ManagementJson.Default.DiscardRequest, ManagementJson.Default.VersionRequest, ManagementJson.Default.RebuildRequest])
        {
            // What stands at no version is discarded as 0; a version of a projection begins at 1.
            AddLimits(schemas.Resolve(schemas.Add(body, SchemaUse.Read))["properties"]!.AsObject(), body == ManagementJson.Default.DiscardRequest ? 0 : 1);
        }
        return all;
    }

    private IReadOnlyList<ApiOperation> Operations() =>
    [
        Get(Routes.Consumers, "listConsumers", ApiTags.Consumers, "Every consumer and how it is.", ApiJson.Relaxed.ConsumersAnswer),
        Get(Routes.Consumer, "getConsumer", ApiTags.Consumers, "One consumer, with each range of its feed.", ApiJson.Relaxed.ConsumerAnswer) with
        {
            Problems = [ProblemKind.UnknownConsumer],
        },
        Get(Routes.Auditor, "getAuditor", ApiTags.Consumers, "What the auditor checked and healed.", ApiJson.Relaxed.AuditorAnswer),
        Get(Routes.Actions, "listActions", ApiTags.Consumers, "What operators did, newest first.", ApiJson.Relaxed.ActionListAnswer) with
        {
            Parameters = ["consumer.query", "pageSize", "continuation"],
            Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownConsumer],
        },
        Get(Routes.AllParked, "listAllParked", ApiTags.Consumers, "What is parked, over all consumers.", ApiJson.Relaxed.AllParkedAnswer) with
        {
            Parameters = ["pageSize", "continuation"],
            Problems = [ProblemKind.InvalidRequest],
        },
        Get(Routes.Inbox, "listInbox", ApiTags.Consumers, "The commands of the inbox of one status, the last changed first.", ApiJson.Relaxed.InboxListAnswer) with
        {
            Parameters = ["inbox.status", "pageSize", "continuation"],
            Problems = [ProblemKind.InvalidRequest],
        },
        Get(Routes.Lag, "getLagHistory", ApiTags.Consumers, "How far behind each consumer was, from this instance's memory.", ApiJson.Relaxed.LagHistoryAnswer),
        Get(Routes.Model, "getModel", ApiTags.Consumers, "Aggregates with their commands and events, and who consumes what.", ApiJson.Relaxed.ModelAnswer),
        Get(Routes.Parked, "listParked", ApiTags.Consumers, "The streams that a consumer could not process.", ApiJson.Relaxed.ParkedListAnswer) with
        {
            Parameters = ["pageSize", "continuation"],
            Problems = [ProblemKind.InvalidRequest, ProblemKind.UnknownConsumer],
        },
        Get(Routes.ParkedStream, "getParkedStream", ApiTags.Consumers, "One of them.", ApiJson.Relaxed.ParkedAnswer) with
        {
            Problems = [ProblemKind.UnknownConsumer, ProblemKind.NotParked],
        },
        Post(
            Routes.RetryAll, "retryAllParked", ApiTags.Consumers, "Retries everything that a consumer has parked.",
            ManagementJson.Default.RetryRequest, ApiJson.Relaxed.RetryAllAnswer) with
        {
            Problems = [.. OfBody, ProblemKind.UnknownConsumer],
        },
        Post(
            Routes.ParkedRetry, "retryParkedStream", ApiTags.Consumers, "Processes a parked stream with today's code.",
            ManagementJson.Default.RetryRequest, ApiJson.Relaxed.RetryAnswer) with
        {
            Problems = [.. OfBody, ProblemKind.UnknownConsumer, ProblemKind.NotParked],
        },
        Post(
            Routes.ParkedDiscard, "discardParkedCommit", ApiTags.Consumers, "Leaves out the commit at which a stream is parked.",
            ManagementJson.Default.DiscardRequest, ApiJson.Relaxed.RetryAnswer) with
        {
            Problems = [.. OfBody, ProblemKind.UnknownConsumer, ProblemKind.NotParked, ProblemKind.PreconditionFailed],
        },
        Get(Routes.Projections, "listProjections", ApiTags.Projections, "Every projection with its versions.", ApiJson.Relaxed.ProjectionsAnswer),
        Get(Routes.Projection, "getProjection", ApiTags.Projections, "One projection with its versions.", ApiJson.Relaxed.ProjectionAnswer) with
        {
            Problems = [ProblemKind.UnknownView],
        },
        Get(
            Routes.ProjectionKey, "getProjectionKey", ApiTags.Projections, "One key in every version of a projection, to compare them.",
            ApiJson.Relaxed.ProjectionKeyAnswer) with
        {
            Problems = [ProblemKind.UnknownView],
        },
        Change(Routes.ProjectionServe, "serveProjectionVersion", "Lets a version answer queries."),
        Change(Routes.ProjectionPause, "pauseProjectionVersion", "Holds a version that does not serve."),
        Change(Routes.ProjectionResume, "resumeProjectionVersion", "Lets a paused version go on."),
        Post(
            Routes.ProjectionRetire, "retireProjectionVersion", ApiTags.Projections, "Ends a version and deletes its documents, in parts.",
            ManagementJson.Default.VersionRequest, ApiJson.Relaxed.RetireAnswer) with
        {
            Problems = [.. OfBody, ProblemKind.UnknownView, ProblemKind.VersionChangeRefused],
        },
        Post(
            Routes.ProjectionRebuild, "rebuildView", ApiTags.Projections, "Makes what one stream feeds again from the events.",
            ManagementJson.Default.RebuildRequest, ApiJson.Relaxed.RebuildAnswer) with
        {
            Problems = [.. OfBody, ProblemKind.UnknownView, ProblemKind.UnknownStream, ProblemKind.VersionChangeRefused],
        },
    ];

    private ApiOperation Change(string route, string id, string summary) =>
        Post(route, id, ApiTags.Projections, summary, ManagementJson.Default.VersionRequest, ApiJson.Relaxed.ProjectionAnswer) with
        {
            Problems = [.. OfBody, ProblemKind.UnknownView, ProblemKind.VersionChangeRefused],
        };

    private ApiOperation Get(string route, string id, string tag, string summary, JsonTypeInfo answer) =>
        new("get", "/" + route, id, tag, ApiAccess.Management, summary) { Answers = [ApiAnswer.Ok(schemas.Add(answer, SchemaUse.Written))] };

    private ApiOperation Post(string route, string id, string tag, string summary, JsonTypeInfo body, JsonTypeInfo answer)
    {
        JsonObject request = schemas.Add(body, SchemaUse.Read);
        bool isRequired = schemas.Resolve(request).ContainsKey("required");
        return new ApiOperation("post", "/" + route, id, tag, ApiAccess.Management, summary)
        {
            Body = new ApiBody(request, isRequired, isRequired ? SchemaSample.Of(request, schemas.Components) : null),
            Answers = [ApiAnswer.Ok(schemas.Add(answer, SchemaUse.Written))],
        };
    }

    /// <summary>What <see cref="ManagementBody"/> asks of the members that bodies share.</summary>
    private static void AddLimits(JsonObject members, int minVersion)
    {
        JsonNode reason = members["reason"]!;
        reason["pattern"] = @"^(?=.*\S)[^\u0000-\u001F\u007F-\u009F]+$"; // Not only blanks, and one line.
        reason["maxLength"] = ManagementBody.MaxReasonLength;
        if (members["version"] is { } version)
        {
            version["minimum"] = minVersion;
        }
    }
}
