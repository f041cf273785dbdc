using System.Collections.Frozen;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Streams;

/// <summary>What is behind the views: the state that decisions are made on, and the events themselves.</summary>
public sealed class StreamFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates, IEventStore store, RoleRules roles)
{
    [Function("GetStreamState")]
    public async Task<HttpResponseData> GetStateAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.State)] HttpRequestData request,
        string category,
        string id,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IAggregateEndpoint aggregate = aggregates.Require(category);
        roles.Check(request, category);
        StreamName stream = RouteValues.RequireStream(category, id);
        if (await aggregate.ReadStateAsync(stream, cancellationToken) is not { } state)
        {
            return await request.ProblemAsync(Unknown(stream));
        }
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new StateAnswer(stream.Value, state.Version, new RawJson(state.State)), ApiJson.Relaxed.StateAnswer);
        HttpResponseData response = await request.CacheableAsync($"\"{state.Version}\"", body, cancellationToken);
        response.AddRequestCharge(state.RequestCharge);
        return response;
    }

    [Function("ListStreamEvents")]
    public async Task<HttpResponseData> ListEventsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Events)] HttpRequestData request,
        string category,
        string id,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        _ = aggregates.Require(category);
        roles.Check(request, category);
        StreamName stream = RouteValues.RequireStream(category, id);
        long from = request.QueryNumber("from", otherwise: 1, min: 1, Limits.MaxVersion);
        int limit = (int)request.QueryNumber("limit", HttpLimits.DefaultEventsPerPage, min: 1, HttpLimits.MaxEventsPerPage);
        (List<StoredEventAnswer> events, bool hasMore) = await ReadPageAsync(stream, from, limit, cancellationToken);
        if (events.Count == 0 && (from == 1 || (await store.ReadHeadAsync(stream, cancellationToken)).Version == 0))
        {
            return await request.ProblemAsync(Unknown(stream));
        }
        // Built from nothing but the path: the query of this request may hold a key.
        string? next = hasMore ? $"{request.Url.AbsolutePath}?from={from + events.Count}&limit={limit}" : null;
        return await request.JsonAsync(
            HttpStatusCode.OK, new EventsAnswer(stream.Value, events, next), ApiJson.Relaxed.EventsAnswer, cancellationToken);
    }

    private async Task<(List<StoredEventAnswer> Events, bool HasMore)> ReadPageAsync(
        StreamName stream, long from, int limit, CancellationToken cancellationToken)
    {
        List<StoredEventAnswer> events = [];
        PageRoom room = new(limit);
        await foreach (Commit commit in store.ReadAsync(stream, from, cancellationToken))
        {
            // The first commit may begin before the page, and the last one may go on after it.
            for (int i = (int)Math.Max(0, from - commit.FirstVersion); i < commit.Events.Count; i++)
            {
                if (room.IsUsedUp)
                {
                    return (events, true);
                }
                room.Take(commit.Events[i].Data);
                events.Add(StoredEventAnswer.Of(commit, i));
            }
        }
        return (events, false);
    }

    private static Problem Unknown(StreamName stream) =>
        new(ProblemKind.UnknownStream, $"There is no {stream.Category} '{stream.Id}'.") { Stream = stream, Version = 0 };
}
