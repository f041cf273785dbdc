using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Functions.Http;

/// <summary>Tells faults of the store, after which a request may be sent again, from faults of this program.</summary>
internal static class StoreFault
{
    public static Problem? ProblemOf(Exception exception) => exception switch
    {
        // These say that the request itself was wrong: ours to mend, not to repeat.
        CosmosException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestEntityTooLarge } => null,
        CosmosException { StatusCode: HttpStatusCode.TooManyRequests } e => Unavailable("The store has more to do than it may.", e.RetryAfter),
        ContainerMissingException => Unavailable("The store is not set up; the health check says what is missing.", retryAfter: null),
        CosmosException e => Unavailable("The store could not be reached.", e.RetryAfter),
        HttpRequestException or TimeoutException or OperationCanceledException =>
            Unavailable("The store did not answer in time.", retryAfter: null),
        _ => null,
    };

    private static Problem Unavailable(string what, TimeSpan? retryAfter) =>
        new(ProblemKind.StoreUnavailable, $"{what} A command may or may not have been done: send it again with the same Idempotency-Key.")
        {
            RetryAfter = retryAfter ?? TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds),
        };
}
