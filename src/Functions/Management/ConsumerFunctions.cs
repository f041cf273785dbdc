using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Commands;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>The consumers as a whole. For operators.</summary>
public sealed partial class ConsumerFunctions(
    ConsumerFeed feed, ConsumerStatusReader status, Auditor auditor, ParkedStreams parked, OperatorActions actions, Caller caller, ILogger<ConsumerFunctions> logger)
{
    /// <summary>Projections, processes, and the inbox, whose feed is of commands.</summary>
    [Function("ManageConsumers")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Consumers)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ConsumersAnswer answer = new([.. (await ReadAsync(feed.Consumers.Select(c => c.FullName).Append(InboxFunctions.Name), cancellationToken)).Select(s => ConsumerAnswer.Of(s, withRanges: false))]);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ConsumersAnswer, cancellationToken);
    }

    /// <summary>One consumer, with each range of its feed.</summary>
    [Function("ManageConsumer")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Consumer)] HttpRequestData request,
        string consumer,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string name = consumer == InboxFunctions.Name ? consumer : feed.Require(consumer).FullName;
        ConsumerStatus read = await status.ReadAsync(name, cancellationToken);
        return await request.JsonAsync(
            HttpStatusCode.OK, ConsumerAnswer.Of(read, withRanges: true), ApiJson.Relaxed.ConsumerAnswer, cancellationToken);
    }

    /// <summary>What the auditor checked and healed for each consumer, and how far it is itself.</summary>
    [Function("ManageAuditor")]
    public async Task<HttpResponseData> GetAuditorAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Auditor)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        AuditorAnswer answer = AuditorAnswer.Of(
            await auditor.ReadStatusAsync(cancellationToken), await ReadAllAsync(cancellationToken));
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.AuditorAnswer, cancellationToken);
    }

    /// <summary>
    /// Retries everything that the consumer has parked, due or not. Who sends it again after a time-out finds done what was done. Body,
    /// if any: <c>{"reason":"…"}</c>.
    /// </summary>
    [Function("ManageConsumerRetry")]
    public async Task<HttpResponseData> RetryAllAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.RetryAll)] HttpRequestData request,
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

    private Task<ConsumerStatus[]> ReadAllAsync(CancellationToken cancellationToken) => ReadAsync(feed.Consumers.Select(c => c.FullName), cancellationToken);

    private Task<ConsumerStatus[]> ReadAsync(IEnumerable<string> names, CancellationToken cancellationToken) =>
        Task.WhenAll(names.Order(StringComparer.Ordinal).Select(c => status.ReadAsync(c, cancellationToken)));

    [LoggerMessage(1501, LogLevel.Warning, "{Actor} retries all parked streams of {Consumer}")]
    private static partial void LogRetryAll(ILogger logger, string consumer, string actor);
}
