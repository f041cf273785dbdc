using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>The consumers as a whole. For operators.</summary>
public sealed partial class ConsumerFunctions(
    ConsumerFeed feed, IParkedStore records, ParkedStreams parked, OperatorActions actions, Caller caller, ILogger<ConsumerFunctions> logger)
{
    [Function("ManageConsumers")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = Routes.Consumers)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        List<ConsumerAnswer> consumers = [];
        foreach (IConsumer consumer in feed.Consumers)
        {
            consumers.Add(new ConsumerAnswer(consumer.FullName, await records.CountParkedAsync(consumer.FullName, cancellationToken)));
        }
        return await request.JsonAsync(
            HttpStatusCode.OK, new ConsumersAnswer(consumers), ApiJson.Relaxed.ConsumersAnswer, cancellationToken);
    }

    /// <summary>
    /// Retries everything that the consumer has parked, due or not. Who sends it again after a time-out finds done what was done. Body,
    /// if any: <c>{"reason":"…"}</c>.
    /// </summary>
    [Function("ManageConsumerRetry")]
    public async Task<HttpResponseData> RetryAllAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = Routes.RetryAll)] HttpRequestData request,
        string consumer,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = feed.Require(consumer);
        string? reason = ManagementBody.ReadRetry(await RequestBody.ReadJsonAsync(request, cancellationToken)).Reason;
        OperatorAction action = actions.New("retry-all", known.FullName, caller.Of(request)) with { Reason = reason };
        LogRetryAll(logger, known.FullName, action.Actor);
        IReadOnlyDictionary<string, RetryOutcome> outcomes = await actions.RunAsync(
            action, token => parked.RetryAllAsync(known, onlyDue: false, token), RetryOutcomes.ForRecord, cancellationToken);
        return await request.JsonAsync(
            HttpStatusCode.OK, RetryAllAnswer.Of(outcomes), ApiJson.Relaxed.RetryAllAnswer, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "{Actor} retries all parked streams of {Consumer}")]
    private static partial void LogRetryAll(ILogger logger, string consumer, string actor);
}
