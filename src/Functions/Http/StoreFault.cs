using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Functions.Http;

/// <summary>Tells faults of the store, after which a request may be sent again, from faults of this program.</summary>
internal static class StoreFault
{
    /// <summary>Where a function leaves the id of the command that it sends to the store.</summary>
    public const string CommandIdItem = "commandId";

    /// <summary>What a client is to do about a command that it has no answer for; nothing when there is none.</summary>
    public static string Advice(string? commandId) =>
        commandId is null ? "Send the request again." : $"The command may or may not have been done: send it again with the header Idempotency-Key: {commandId}.";

    public static Problem? ProblemOf(Exception exception, string? commandId) => exception switch
    {
        // These say that the request itself was wrong: ours to mend, not to repeat.
        CosmosException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestEntityTooLarge } => null,
        CosmosException { StatusCode: HttpStatusCode.TooManyRequests } e => Unavailable("The store has more to do than it may.", commandId, e.RetryAfter),
        ContainerMissingException => Unavailable("The store is not set up; the health check says what is missing.", commandId, retryAfter: null),
        CosmosException e => Unavailable("The store could not be reached.", commandId, e.RetryAfter),
        HttpRequestException or TimeoutException or OperationCanceledException =>
            Unavailable("The store did not answer in time.", commandId, retryAfter: null),
        _ => null,
    };

    private static Problem Unavailable(string what, string? commandId, TimeSpan? retryAfter) =>
        new(ProblemKind.StoreUnavailable, $"{what} {Advice(commandId)}")
        {
            CommandId = commandId,
            RetryAfter = retryAfter ?? TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds),
        };
}
