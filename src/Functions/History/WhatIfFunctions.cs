using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>
/// What today's rules make of the commands of the past, the refused ones among them. Writes nothing. An answer is bounded in work and time,
/// since a function has only minutes; <c>next</c> goes on. For operators.
/// </summary>
public sealed class WhatIfFunctions(
    FrozenDictionary<string, IAggregateEndpoint> aggregates, WhatIf whatIf, IEventStore store, IRefusedCommandStore refused)
{
    /// <summary>Decisions that one answer looks at, unless the request says less or more.</summary>
    internal const int DefaultDecisions = 2_000;

    internal const int MaxDecisions = 10_000;

    internal const int DefaultDifferences = 100;

    internal const int MaxDifferences = 200;

    /// <summary>The decisions of a category, from <c>?from=</c> to before <c>?to=</c>.</summary>
    [Function("ManageReconsiderCategory")]
    public async Task<HttpResponseData> ReconsiderCategoryAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.ReconsiderCategory)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string category = request.Query["category"]
            ?? throw new ProblemException(Problem.InvalidQuery("category", $"It is one of: {string.Join(", ", aggregates.Keys.Order(StringComparer.Ordinal))}."));
        IAggregateEndpoint aggregate = aggregates.Require(category);
        WhatIfQuery query = QueryOf(request, category, stream: null);
        WhatIfPage page = await ReadPageAsync(request, query, cancellationToken);
        return await AnswerAsync(request, aggregate, query, page, cancellationToken);
    }

    /// <summary>The decisions of one stream, all or those of a period.</summary>
    [Function("ManageReconsider")]
    public async Task<HttpResponseData> ReconsiderAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Reconsider)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        WhatIfQuery query = QueryOf(request, name.Category, name);
        WhatIfPage page = await ReadPageAsync(request, query, cancellationToken);
        return page is { Commits: 0, Refused: 0, Unreadable: [], Continuation: null } && !await IsKnownAsync(name, cancellationToken)
            ? await request.ProblemAsync(HistoryQuery.Unknown(name))
            : await AnswerAsync(request, aggregate, query, page, cancellationToken);
    }

    /// <summary>The refused commands of a stream, as far as they are still kept.</summary>
    [Function("ManageRefused")]
    public async Task<HttpResponseData> ListRefusedAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Refused)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (_, StreamName name) = aggregates.RequireStream(stream);
        int limit = (int)request.QueryNumber("limit", HttpLimits.DefaultEventsPerPage, min: 1, HttpLimits.MaxEventsPerPage);
        PageRoom room = new(limit);
        List<RefusedAnswer> found = [];
        string? last = request.Query["after"];
        string? next = null;
        await foreach (RefusedCommand command in refused.ReadAsync(name, last, cancellationToken))
        {
            if (room.IsUsedUp)
            {
                next = $"{request.Url.AbsolutePath}?after={last}&limit={limit}";
                break;
            }
            room.Take(command.Metadata.CommandData);
            found.Add(RefusedAnswer.Of(command));
            last = command.Id;
        }
        return found.Count == 0 && !await IsKnownAsync(name, cancellationToken)
            ? await request.ProblemAsync(HistoryQuery.Unknown(name))
            : await request.JsonAsync(
                HttpStatusCode.OK, new RefusedListAnswer(name.Value, found, next), ApiJson.Relaxed.RefusedListAnswer, cancellationToken);
    }

    private async Task<WhatIfPage> ReadPageAsync(HttpRequestData request, WhatIfQuery query, CancellationToken cancellationToken)
    {
        WhatIfLimits limits = new()
        {
            MaxDecisions = Decisions(request),
            MaxDifferences = Differences(request),
        };
        try
        {
            return await whatIf.ReadPageAsync(query, limits, request.Query["continuation"], cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            throw new ProblemException(Problem.InvalidQuery("continuation", "It is not one that this question gave: begin again without it."));
        }
    }

    private static Task<HttpResponseData> AnswerAsync(
        HttpRequestData request, IAggregateEndpoint aggregate, WhatIfQuery query, WhatIfPage page, CancellationToken cancellationToken) =>
        request.JsonAsync(
            HttpStatusCode.OK,
            ReconsiderAnswer.Of(query, aggregate.History.PolicyVersion, page, Next(request, query, page)),
            ApiJson.Relaxed.ReconsiderAnswer,
            cancellationToken);

    private static WhatIfQuery QueryOf(HttpRequestData request, string category, StreamName? stream)
    {
        WhatIfQuery query = new() { Category = category, Stream = stream, From = request.Instant("from"), To = request.Instant("to") };
        return query.From >= query.To
            ? throw new ProblemException(Problem.InvalidQuery("to", "It is an instant after 'from'; what was decided at 'to' itself is left out."))
            : query;
    }

    /// <summary>A stream is known by its events; refusals of one that never began are known as long as they are kept.</summary>
    private async Task<bool> IsKnownAsync(StreamName stream, CancellationToken cancellationToken) =>
        (await store.ReadHeadAsync(stream, cancellationToken)).Version > 0
        || await refused.ReadAsync(stream, afterId: null, cancellationToken).AnyAsync(cancellationToken);

    private static int Decisions(HttpRequestData request) => (int)request.QueryNumber("decisions", DefaultDecisions, min: 1, MaxDecisions);

    private static int Differences(HttpRequestData request) => (int)request.QueryNumber("limit", DefaultDifferences, min: 1, MaxDifferences);

    private static string? Next(HttpRequestData request, WhatIfQuery query, WhatIfPage page)
    {
        if (page.Continuation is null)
        {
            return null;
        }
        string category = query.Stream is null ? $"category={query.Category}&" : "";
        string from = query.From is { } first ? $"from={Text(first)}&" : "";
        string to = query.To is { } last ? $"to={Text(last)}&" : "";
        return $"{request.Url.AbsolutePath}?{category}{from}{to}decisions={Decisions(request)}&limit={Differences(request)}&continuation={page.Continuation}";
    }

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
