using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Commands;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>What needs somebody's attention, over all consumers and streams. For operators.</summary>
public sealed class OverviewFunctions(ConsumerFeed feed, ConsumerStatusReader status, IParkedStore parked, IInboxStore inbox)
{
    private const string ParkedQuery = "parked of all consumers";

    /// <summary>What is parked, by consumer and stream: one query per consumer, as long as the page has room.</summary>
    [Function("ManageAllParked")]
    public async Task<HttpResponseData> ListParkedAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.AllParked)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        int pageSize = PageSize(request);
        AllParkedAnswer answer;
        try
        {
            answer = await ReadParkedAsync(pageSize, Continuation.Unwrap(ParkedQuery, request.Query["continuation"]), cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            throw Views.ContinuationToken.Invalid();
        }
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.AllParkedAnswer, cancellationToken);
    }

    /// <summary>Commands of the inbox that wait, or of <c>?status=</c> failed, rejected, or accepted as long as their outcome is kept.</summary>
    [Function("ManageInbox")]
    public async Task<HttpResponseData> ListInboxAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Inbox)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string word = request.QueryWord("status", "pending", "failed", "rejected", "accepted");
        NewestQuery query = new() { PageSize = PageSize(request), Continuation = request.Query["continuation"] };
        NewestPage<InboxCommand> page;
        try
        {
            page = await inbox.ReadNewestAsync(Enum.Parse<InboxStatus>(word, ignoreCase: true), query, cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            throw Views.ContinuationToken.Invalid();
        }
        InboxListAnswer answer = new(word, [.. page.Items.Select(i => InboxSummary.Of(i.Record))], page.Continuation);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.InboxListAnswer, cancellationToken);
    }

    /// <summary>How far behind the consumers were lately, from this instance's memory.</summary>
    [Function("ManageLag")]
    public async Task<HttpResponseData> GetLagAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Lag)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        LagHistoryAnswer answer = new([.. feed.Consumers.Select(c => c.FullName).Append(InboxFunctions.Name).Order(StringComparer.Ordinal)
            .Select(c => new ConsumerLagAnswer(c, [.. status.History.Of(c).Select(LagSampleAnswer.Of)]))]);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.LagHistoryAnswer, cancellationToken);
    }

    /// <summary>A position is the consumer at which the page ended and, on a line of its own, the continuation of that consumer's list.</summary>
    private async Task<AllParkedAnswer> ReadParkedAsync(int pageSize, string? position, CancellationToken cancellationToken)
    {
        string[] place = position?.Split('\n', 2) ?? ["", ""];
        string? inner = place[1].Length == 0 ? null : place[1];
        List<ConsumerParkedAnswer> found = [];
        foreach (string consumer in feed.Consumers.Select(c => c.FullName).Where(c => string.CompareOrdinal(c, place[0]) >= 0).Order(StringComparer.Ordinal))
        {
            if (found.Count == pageSize)
            {
                return new AllParkedAnswer(found, Continuation.Wrap(ParkedQuery, $"{consumer}\n"));
            }
            ParkedPage page = await parked.ListAsync(consumer, pageSize - found.Count, consumer == place[0] ? inner : null, cancellationToken);
            found.AddRange(page.Items.Select(i => new ConsumerParkedAnswer(consumer, ParkedAnswer.Listed(i))));
            if (page.Continuation is { } next)
            {
                return new AllParkedAnswer(found, Continuation.Wrap(ParkedQuery, $"{consumer}\n{next}"));
            }
        }
        return new AllParkedAnswer(found, Continuation: null);
    }

    private static int PageSize(HttpRequestData request) =>
        (int)request.QueryNumber("pageSize", ViewLimits.DefaultPageSize, min: 1, ViewLimits.MaxPageSize);
}
