using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>How a stream came to be: its state at any point, its commits, and what each event changed. For operators.</summary>
public sealed class HistoryFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates, IEventStore store)
{
    /// <summary><c>?version=</c> or <c>?at=</c>; without either, as it is now.</summary>
    [Function("ManagePastState")]
    public async Task<HttpResponseData> GetStateAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.PastState)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        StreamPoint point = request.Point();
        StateDocument state = await aggregate.History.ReadStateAsync(name, point, cancellationToken);
        point.RequireReached(state);
        PastStateAnswer answer = new(name.Value, state.Version, point.Instant, new RawJson(state.State));
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.PastStateAnswer, cancellationToken);
    }

    /// <summary>Commits that hold versions from <c>?from=</c> on.</summary>
    [Function("ManageCommits")]
    public async Task<HttpResponseData> ListCommitsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Commits)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (_, StreamName name) = aggregates.RequireStream(stream);
        (long from, int limit) = Page(request);
        List<CommitAnswer> commits = [];
        PageRoom room = new(limit);
        string? next = null;
        await foreach (Commit commit in store.ReadAsync(name, from, cancellationToken))
        {
            if (room.IsUsedUp)
            {
                next = Next(request, commit.FirstVersion, limit);
                break;
            }
            room.Take([commit.Metadata.CommandData, .. commit.Events.Select(e => e.Data)]);
            commits.Add(CommitAnswer.Of(commit));
        }
        if (commits.Count == 0)
        {
            await RequireAsync(name, from, cancellationToken);
        }
        return await request.JsonAsync(HttpStatusCode.OK, new CommitsAnswer(name.Value, commits, next), ApiJson.Relaxed.CommitsAnswer, cancellationToken);
    }

    /// <summary>Each event from <c>?from=</c> on, with the state before and after it and the difference.</summary>
    [Function("ManageExplain")]
    public async Task<HttpResponseData> ExplainAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Explain)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        (long from, int limit) = Page(request);
        List<ExplainedAnswer> events = [];
        PageRoom room = new(limit);
        string? next = null;
        await foreach (ExplainedEvent explained in aggregate.History.ExplainAsync(name, from, cancellationToken))
        {
            if (room.IsUsedUp)
            {
                next = Next(request, explained.Version, limit);
                break;
            }
            room.Take(explained.Stored.Data, explained.Before, explained.After);
            events.Add(ExplainedAnswer.Of(explained));
        }
        if (events.Count == 0)
        {
            await RequireAsync(name, from, cancellationToken);
        }
        return await request.JsonAsync(HttpStatusCode.OK, new ExplainAnswer(name.Value, events, next), ApiJson.Relaxed.ExplainAnswer, cancellationToken);
    }

    private async Task RequireAsync(StreamName stream, long from, CancellationToken cancellationToken)
    {
        long version = (await store.ReadHeadAsync(stream, cancellationToken)).Version;
        throw new ProblemException(version == 0 ? HistoryQuery.Unknown(stream) : HistoryQuery.Beyond(stream, from, version));
    }

    private static (long From, int Limit) Page(HttpRequestData request) => (
        request.QueryNumber("from", otherwise: 1, min: 1, Limits.MaxVersion),
        (int)request.QueryNumber("limit", HttpLimits.DefaultEventsPerPage, min: 1, HttpLimits.MaxEventsPerPage));

    private static string Next(HttpRequestData request, long from, int limit) => $"{request.Url.AbsolutePath}?from={from}&limit={limit}";
}
