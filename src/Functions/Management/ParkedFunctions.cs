using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>What consumers could not process: see it, try it again with today's code, or leave it out. For operators.</summary>
public sealed partial class ParkedFunctions(
    ConsumerFeed feed, IParkedStore records, ParkedStreams parked, OperatorActions actions, Caller caller, ILogger<ParkedFunctions> logger)
{
    [Function("ManageParked")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Parked)] HttpRequestData request,
        string consumer,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = feed.Require(consumer);
        int pageSize = (int)request.QueryNumber("pageSize", ViewLimits.DefaultPageSize, min: 1, ViewLimits.MaxPageSize);
        ParkedPage page;
        try
        {
            page = await records.ListAsync(known.FullName, pageSize, request.Query["continuation"], cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            throw Views.ContinuationToken.Invalid();
        }
        ParkedListAnswer answer = new(known.FullName, [.. page.Items.Select(ParkedAnswer.Listed)], page.Continuation);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ParkedListAnswer, cancellationToken);
    }

    [Function("ManageParkedStream")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.ParkedStream)] HttpRequestData request,
        string consumer,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = feed.Require(consumer);
        return await records.ReadAsync(known.FullName, stream, cancellationToken) is { } record
            ? await request.JsonAsync(HttpStatusCode.OK, ParkedAnswer.Of(record), ApiJson.Relaxed.ParkedAnswer, cancellationToken)
            : await request.ProblemAsync(NotParked(known, stream));
    }

    /// <summary>
    /// Processes the stream from where the consumer stands, and unparks it when it has caught up. Body, if any: <c>{"reason":"…"}</c>.
    /// </summary>
    [Function("ManageParkedRetry")]
    public async Task<HttpResponseData> RetryAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ParkedRetry)] HttpRequestData request,
        string consumer,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = feed.Require(consumer);
        string? reason = ManagementBody.ReadRetry(await RequestBody.ReadJsonAsync(request, cancellationToken)).Reason;
        OperatorAction action = actions.New("retry", known.FullName, caller.Of(request)) with { Stream = stream, Reason = reason };
        RetryOutcome outcome = await actions.RunAsync(
            action, token => parked.RetryAsync(known, stream, token), RetryOutcomes.ForRecord, cancellationToken);
        if (outcome is not RetryOutcome.NotParked) // Of a stream that is none, what was sent as its name could be anything.
        {
            LogRetry(logger, known.FullName, stream, action.Actor);
        }
        return await AnswerAsync(request, known, stream, outcome, cancellationToken);
    }

    /// <summary>Leaves out the commit at which the stream is parked, for this consumer only. Body: <c>{"version":7,"reason":"…"}</c>.</summary>
    [Function("ManageParkedDiscard")]
    public async Task<HttpResponseData> DiscardAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ParkedDiscard)] HttpRequestData request,
        string consumer,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = feed.Require(consumer);
        DiscardRequest discard = ManagementBody.ReadDiscard(await RequestBody.ReadJsonAsync(request, cancellationToken));
        OperatorAction action = actions.New("discard", known.FullName, caller.Of(request)) with
        {
            Stream = stream,
            Version = discard.Version,
            Reason = discard.Reason,
        };
        RetryOutcome outcome = await actions.RunAsync(
            action, token => parked.DiscardAsync(known, stream, discard.Version, token), RetryOutcomes.ForRecord, cancellationToken);
        if (outcome is not RetryOutcome.NotParked)
        {
            LogDiscard(logger, known.FullName, stream, discard.Version, action.Actor, discard.Reason);
        }
        return await AnswerAsync(request, known, stream, outcome, cancellationToken);
    }

    private static async Task<HttpResponseData> AnswerAsync(
        HttpRequestData request, IConsumer consumer, string stream, RetryOutcome outcome, CancellationToken cancellationToken) => outcome switch
        {
            RetryOutcome.NotParked => await request.ProblemAsync(NotParked(consumer, stream)),
            RetryOutcome.OtherVersion o => await request.ProblemAsync(new Problem(
                ProblemKind.PreconditionFailed, $"'{stream}' is parked at version {o.Record.FromVersion}. Nothing was left out.")),
            RetryOutcome.StillFailing o => await request.JsonAsync(
                HttpStatusCode.OK, RetryAnswer.Failed(o.Record), ApiJson.Relaxed.RetryAnswer, cancellationToken),
            RetryOutcome.CaughtUp o => await request.JsonAsync(
                HttpStatusCode.OK, RetryAnswer.CaughtUp(o.Events), ApiJson.Relaxed.RetryAnswer, cancellationToken),
            _ => throw new System.Diagnostics.UnreachableException($"No answer for {outcome.GetType().Name}."),
        };

    private static Problem NotParked(IConsumer consumer, string stream) =>
        new(ProblemKind.NotParked, $"'{stream}' is not parked for {consumer.FullName}.");

    [LoggerMessage(1502, LogLevel.Warning, "{Actor} retries {Stream} of {Consumer}")]
    private static partial void LogRetry(ILogger logger, string consumer, string stream, string actor);

    [LoggerMessage(1503, LogLevel.Warning, "{Actor} discards version {Version} of {Stream} for {Consumer}: {Reason}")]
    private static partial void LogDiscard(ILogger logger, string consumer, string stream, long version, string actor, string reason);
}
