using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>What was done lately, and in which streams. For operators. No question reads more of the store than its page.</summary>
public sealed class RecentFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates, IEventStore store, ICommitLog log, IRefusedCommandStore refused)
{
    /// <summary>Commits that one question looks at, whatever it is looking for: command, actor, and trace are not indexed.</summary>
    public const int MaxLooked = 1_000;

    private const int LookedAtOnce = 200;

    /// <summary>
    /// The commits that were written last: <c>?category=</c>, <c>?since=</c>, <c>?command=</c>, <c>?actor=</c>, <c>?trace=</c>; or all of one
    /// <c>?commandId=</c>.
    /// </summary>
    [Function("ManageRecentCommits")]
    public async Task<HttpResponseData> ListCommitsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.RecentCommits)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        int pageSize = PageSize(request);
        if (request.Query["commandId"] is { } commandId)
        {
            IReadOnlyList<Commit> commits = await log.ReadByCommandAsync(commandId, pageSize, cancellationToken);
            return await AnswerAsync(request, new([.. commits.Select(CommitSummary.Of)], commits.Count, Newest: null, Continuation: null), cancellationToken);
        }
        (string? command, string? actor, string? trace) = (request.Query["command"], request.Query["actor"], request.Query["trace"]);
        bool isFiltered = command is not null || actor is not null || trace is not null;
        NewestQuery query = Newest(request, isFiltered ? LookedAtOnce : pageSize);
        List<CommitSummary> found = [];
        int looked = 0;
        DateTimeOffset? newest = null;
        NewestPage<Delivery> page;
        do
        {
            page = await ReadAsync(() => log.ReadNewestAsync(query, cancellationToken));
            looked += page.Items.Count;
            newest ??= page.Items.Count == 0 ? null : page.Items[0].WrittenAt;
            found.AddRange(page.Items.Where(c => !isFiltered || Fits(c.Record.Commit)).Select(CommitSummary.Of));
            query = query with { Continuation = page.Continuation };
        }
        while (page.Continuation is not null && isFiltered && found.Count < pageSize && looked < MaxLooked);
        return await AnswerAsync(request, new(found, looked, newest, page.Continuation), cancellationToken);

        bool Fits(Commit? commit) =>
            commit is { Metadata: { } by }
            && (command is null || by.CommandType == command)
            && (actor is null || by.Actor == actor || by.ActorName == actor)
            && (trace is null || by.TraceParent?.Contains(trace, StringComparison.OrdinalIgnoreCase) == true);
    }

    /// <summary>The streams of <c>?category=</c> whose ids begin with <c>?prefix=</c>, by name, after <c>?after=</c>.</summary>
    [Function("ManageStreams")]
    public async Task<HttpResponseData> ListStreamsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Streams)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string category = RequireCategory(request.Query["category"] ?? throw new ProblemException(Problem.InvalidQuery("category", "It is required.")));
        StreamName? first = request.Query["prefix"] is { Length: > 0 } prefix ? RouteValues.RequireStream(category, prefix) : null;
        StreamName? after = request.Query["after"] is { } last ? aggregates.RequireStream(last).Stream : null;
        int pageSize = PageSize(request);
        List<string> found = [];
        // The prefix may be the name of a stream itself; all others stand behind it.
        if (first is not null && after is null && (await store.ReadHeadAsync(first, cancellationToken)).Version > 0)
        {
            found.Add(first.Value);
        }
        bool hasMore = false;
        await foreach (StreamName stream in log.ReadStreamsAsync(category, Later(first, after), cancellationToken))
        {
            if (first is not null && !stream.Value.StartsWith(first.Value, StringComparison.Ordinal))
            {
                break;
            }
            if (found.Count == pageSize)
            {
                hasMore = true;
                break;
            }
            found.Add(stream.Value);
        }
        string? next = hasMore ? $"{request.Url.AbsolutePath}?category={category}&prefix={first?.Id}&after={found[^1]}&pageSize={pageSize}" : null;
        return await request.JsonAsync(
            HttpStatusCode.OK, new StreamListAnswer(category, found, next), ApiJson.Relaxed.StreamListAnswer, cancellationToken);
    }

    /// <summary>The commands that were refused last: <c>?category=</c>, <c>?since=</c>.</summary>
    [Function("ManageRecentRefused")]
    public async Task<HttpResponseData> ListRefusedAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.RecentRefused)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        NewestQuery query = Newest(request, PageSize(request));
        NewestPage<RefusedCommand> page = await ReadAsync(() => refused.ReadNewestAsync(query, cancellationToken));
        PageRoom room = new(query.PageSize + 1);
        List<RefusedAnswer> found = [];
        foreach (RefusedCommand command in page.Items.Select(i => i.Record))
        {
            RefusedAnswer answer = RefusedAnswer.Of(command);
            found.Add(room.IsUsedUp ? answer with { CommandData = null } : answer);
            room.Take(command.Metadata.CommandData);
        }
        return await request.JsonAsync(
            HttpStatusCode.OK, new RecentRefusedAnswer(found, page.Continuation), ApiJson.Relaxed.RecentRefusedAnswer, cancellationToken);
    }

    private NewestQuery Newest(HttpRequestData request, int pageSize) => new()
    {
        Category = request.Query["category"] is { } category ? RequireCategory(category) : null,
        Since = request.Instant("since"),
        PageSize = pageSize,
        Continuation = request.Query["continuation"],
    };

    private string RequireCategory(string category) => aggregates.Require(category).Category;

    private static StreamName? Later(StreamName? first, StreamName? after) =>
        first is null ? after : after is null || string.CompareOrdinal(after.Value, first.Value) < 0 ? first : after;

    private static async Task<NewestPage<T>> ReadAsync<T>(Func<Task<NewestPage<T>>> read)
    {
        try
        {
            return await read();
        }
        catch (InvalidContinuationException)
        {
            throw Views.ContinuationToken.Invalid();
        }
    }

    private static int PageSize(HttpRequestData request) =>
        (int)request.QueryNumber("pageSize", ViewLimits.DefaultPageSize, min: 1, ViewLimits.MaxPageSize);

    private static Task<HttpResponseData> AnswerAsync(HttpRequestData request, RecentCommitsAnswer answer, CancellationToken cancellationToken) =>
        request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.RecentCommitsAnswer, cancellationToken);
}
