using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>What consumers could not process: see it, try it again with today's code, or leave it out. For operators.</summary>
public sealed partial class ParkedFunctions(
    ConsumerFeed feed, IParkedStore records, ParkedStreams parked, Caller caller, ILogger<ParkedFunctions> logger)
{
    [Function("ManageConsumers")]
    public async Task<HttpResponseData> ListConsumersAsync(
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

    [Function("ManageParked")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = Routes.Parked)] HttpRequestData request,
        string consumer,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = RequireConsumer(consumer);
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
        ParkedListAnswer answer = new(known.FullName, [.. page.Items.Select(ParkedAnswer.Of)], page.Continuation);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ParkedListAnswer, cancellationToken);
    }

    [Function("ManageParkedStream")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = Routes.ParkedStream)] HttpRequestData request,
        string consumer,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = RequireConsumer(consumer);
        return await records.ReadAsync(known.FullName, stream, cancellationToken) is { } record
            ? await request.JsonAsync(HttpStatusCode.OK, ParkedAnswer.Of(record), ApiJson.Relaxed.ParkedAnswer, cancellationToken)
            : await request.ProblemAsync(NotParked(known, stream));
    }

    /// <summary>Processes the stream from where the consumer stands, and unparks it when it has caught up.</summary>
    [Function("ManageParkedRetry")]
    public async Task<HttpResponseData> RetryAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = Routes.ParkedRetry)] HttpRequestData request,
        string consumer,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = RequireConsumer(consumer);
        LogRetry(logger, known.FullName, stream, caller.Of(request));
        RetryOutcome outcome = await parked.RetryAsync(known, stream, cancellationToken);
        return await AnswerAsync(request, known, stream, outcome, cancellationToken);
    }

    /// <summary>Leaves out the commit at which the stream is parked, for this consumer only. Body: <c>{"version":7,"reason":"…"}</c>.</summary>
    [Function("ManageParkedDiscard")]
    public async Task<HttpResponseData> DiscardAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = Routes.ParkedDiscard)] HttpRequestData request,
        string consumer,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IConsumer known = RequireConsumer(consumer);
        DiscardRequest discard = Read(await RequestBody.ReadJsonAsync(request, cancellationToken));
        LogDiscard(logger, known.FullName, stream, discard.Version, caller.Of(request), discard.Reason);
        RetryOutcome outcome = await parked.DiscardAsync(known, stream, discard.Version, cancellationToken);
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

    private static DiscardRequest Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            DiscardRequest? read = JsonSerializer.Deserialize(body.Span, ManagementJson.Default.DiscardRequest);
            return read is { Version: > 0 } && !string.IsNullOrWhiteSpace(read.Reason) && read.Reason.Length <= DiscardRequest.MaxReasonLength
                ? read
                : throw new ProblemException(new Problem(
                    ProblemKind.InvalidRequest, $"Say which version is to be left out and why, in 1 to {DiscardRequest.MaxReasonLength} characters."));
        }
        catch (JsonException e)
        {
            ValidationError error = RequestBody.FindSyntaxError(body.Span) ?? ValidationError.From(e);
            throw new ProblemException(new Problem(ProblemKind.InvalidRequest, error.Message) { Errors = [error] });
        }
    }

    private IConsumer RequireConsumer(string name) =>
        feed.Consumers.FirstOrDefault(c => c.FullName == name)
        ?? throw new ProblemException(new Problem(
            ProblemKind.UnknownConsumer, $"There is no consumer '{name}'. There is: {string.Join(", ", feed.Consumers.Select(c => c.FullName))}."));

    private static Problem NotParked(IConsumer consumer, string stream) =>
        new(ProblemKind.NotParked, $"'{stream}' is not parked for {consumer.FullName}.");

    [LoggerMessage(LogLevel.Warning, "{Actor} retries {Stream} of {Consumer}")]
    private static partial void LogRetry(ILogger logger, string consumer, string stream, string actor);

    [LoggerMessage(LogLevel.Warning, "{Actor} discards version {Version} of {Stream} for {Consumer}: {Reason}")]
    private static partial void LogDiscard(ILogger logger, string consumer, string stream, long version, string actor, string reason);
}
