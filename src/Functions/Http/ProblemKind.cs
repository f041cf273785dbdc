using System.Net;

namespace Serverless.Functions.Http;

/// <summary>Every kind of error this API answers. Names are part of the API: clients switch on them.</summary>
public sealed record ProblemKind(string Name, HttpStatusCode Status, string Title)
{
    /// <summary>
    /// The page that explains it, on this host: a reference relative to the address of the request, as RFC 9457 section 3.1.1 allows. An absolute
    /// one would have to repeat a host name that a client can forge.
    /// </summary>
    public string Type => $"/{Routes.Prefix}/{Routes.ErrorPages}/{Name}";

    public static ProblemKind InvalidRequest { get; } = new("invalid-request", HttpStatusCode.BadRequest, "A part of the request is not valid");

    public static ProblemKind MalformedJson { get; } = new("malformed-json", HttpStatusCode.BadRequest, "The body is not JSON");

    public static ProblemKind InvalidCommand { get; } = new("invalid-command", HttpStatusCode.BadRequest, "The body is not a valid command");

    public static ProblemKind Forbidden { get; } = new("forbidden", HttpStatusCode.Forbidden, "This is not open to the caller");

    public static ProblemKind UnknownRoute { get; } = new("unknown-route", HttpStatusCode.NotFound, "There is nothing at this address");

    public static ProblemKind UnknownCategory { get; } = new("unknown-category", HttpStatusCode.NotFound, "There is no such kind of stream");

    public static ProblemKind UnknownCommand { get; } = new("unknown-command", HttpStatusCode.NotFound, "There is no such command");

    public static ProblemKind UnknownCommandId { get; } = new("unknown-command-id", HttpStatusCode.NotFound, "The inbox has no such command");

    public static ProblemKind UnknownStream { get; } = new("unknown-stream", HttpStatusCode.NotFound, "The stream does not exist");

    public static ProblemKind UnknownVersion { get; } = new("unknown-version", HttpStatusCode.NotFound, "The stream is not that long");

    public static ProblemKind UnknownConversation { get; } = new("unknown-conversation", HttpStatusCode.NotFound, "There is no such conversation");

    public static ProblemKind UnknownView { get; } = new("unknown-view", HttpStatusCode.NotFound, "There is no such view");

    public static ProblemKind UnknownViewKey { get; } = new("unknown-view-key", HttpStatusCode.NotFound, "The view has nothing under this key");

    public static ProblemKind UnknownConsumer { get; } = new("unknown-consumer", HttpStatusCode.NotFound, "There is no such consumer");

    public static ProblemKind NotParked { get; } = new("not-parked", HttpStatusCode.NotFound, "The stream is not parked for this consumer");

    public static ProblemKind MethodNotAllowed { get; } = new("method-not-allowed", HttpStatusCode.MethodNotAllowed, "The method is not allowed here");

    public static ProblemKind Contention { get; } = new("contention", HttpStatusCode.Conflict, "Other commands were faster");

    public static ProblemKind VersionChangeRefused { get; } = new("version-change-refused", HttpStatusCode.Conflict, "The versions of the projection stand otherwise");

    /// <summary>Waiting does not help: the view stands still until an operator acts.</summary>
    public static ProblemKind ViewParked { get; } = new("view-parked", HttpStatusCode.Conflict, "The view can't process this stream");

    public static ProblemKind LengthRequired { get; } = new("length-required", HttpStatusCode.LengthRequired, "The length of the body is missing");

    public static ProblemKind PreconditionFailed { get; } = new("precondition-failed", HttpStatusCode.PreconditionFailed, "The stream is not at that version");

    public static ProblemKind BodyTooLarge { get; } = new("body-too-large", HttpStatusCode.RequestEntityTooLarge, "The body is too large");

    public static ProblemKind CommitTooLarge { get; } = new("commit-too-large", HttpStatusCode.RequestEntityTooLarge, "The command makes more than there is room for");

    public static ProblemKind UnsupportedMediaType { get; } = new("unsupported-media-type", HttpStatusCode.UnsupportedMediaType, "The body must be JSON");

    /// <summary>The error names the line of the body.</summary>
    public static ProblemKind ImportRefused { get; } = new("import-refused", HttpStatusCode.UnprocessableEntity, "A line can't be imported");

    /// <summary>The code of the problem is the one of the rejection.</summary>
    public static ProblemKind CommandRejected { get; } = new("command-rejected", HttpStatusCode.UnprocessableEntity, "The command was rejected");

    public static ProblemKind IdempotencyKeyReused { get; } = new("idempotency-key-reused", HttpStatusCode.UnprocessableEntity, "The idempotency key belongs to another command");

    public static ProblemKind InternalError { get; } = new("internal-error", HttpStatusCode.InternalServerError, "Something went wrong here");

    public static ProblemKind Busy { get; } = new("busy", HttpStatusCode.ServiceUnavailable, "Too many commands wait for this stream");

    public static ProblemKind StoreUnavailable { get; } = new("store-unavailable", HttpStatusCode.ServiceUnavailable, "The store is not available");

    /// <summary>Nothing went wrong: the view is on its way, and the problem carries how far it has come.</summary>
    public static ProblemKind ViewBehind { get; } = new("view-behind", HttpStatusCode.Accepted, "The view has not come that far yet");

    public static ProblemKind Unhealthy { get; } = new("unhealthy", HttpStatusCode.ServiceUnavailable, "The system is not ready");

    public static ProblemKind Stopping { get; } = new("stopping", HttpStatusCode.ServiceUnavailable, "This instance is stopping");

    /// <summary>Every kind, in the order above.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        InvalidRequest, MalformedJson, InvalidCommand, Forbidden, UnknownRoute, UnknownCategory, UnknownCommand, UnknownCommandId,
        UnknownStream, UnknownVersion, UnknownConversation, UnknownView, UnknownViewKey, UnknownConsumer, NotParked, MethodNotAllowed,
        Contention, VersionChangeRefused, ViewParked, LengthRequired, PreconditionFailed, BodyTooLarge, CommitTooLarge, UnsupportedMediaType,
        ImportRefused, CommandRejected, IdempotencyKeyReused, InternalError, Busy, StoreUnavailable, ViewBehind, Unhealthy, Stopping,
    ];
}
