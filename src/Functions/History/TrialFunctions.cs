using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>What would come of a command, and what today's rules make of the commands of the past. Writes nothing. For operators.</summary>
public sealed class TrialFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates)
{
    /// <summary>Differences in one answer; a stream that has more is looked at with a tool.</summary>
    private const int MaxDifferences = 200;

    /// <summary>Decides a command on the state of <c>?version=</c>, <c>?at=</c>, or now.</summary>
    [Function("ManageTry")]
    public async Task<HttpResponseData> TryAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = Routes.Try)] HttpRequestData request,
        string stream,
        string command,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        StreamPoint point = request.Point();
        ReadOnlyMemory<byte> body = await RequestBody.ReadJsonAsync(request, cancellationToken);
        if (RequestBody.FindSyntaxError(body.Span) is { } error)
        {
            return await request.ProblemAsync(new Problem(ProblemKind.MalformedJson, error.Message) { Errors = [error] });
        }
        Trial trial = await aggregate.History.TryAsync(name, point, command, body, cancellationToken);
        return trial switch
        {
            Trial.Unknown => await request.ProblemAsync(Problem.UnknownCommand(aggregate, command)),
            _ when point.Version is { } version && version > trial.Version => await request.ProblemAsync(HistoryQuery.Beyond(name, version, trial.Version)),
            Trial.Invalid invalid => await request.ProblemAsync(
                new Problem(ProblemKind.InvalidCommand, string.Join(" ", invalid.Errors.Select(e => $"{e.Path}: {e.Message}"))) { Errors = invalid.Errors }),
            _ => await request.JsonAsync(HttpStatusCode.OK, TrialAnswer.Of(trial), ApiJson.Relaxed.TrialAnswer, cancellationToken),
        };
    }

    /// <summary>Decides every recorded command of a stream again and says where that differs.</summary>
    [Function("ManageReconsider")]
    public async Task<HttpResponseData> ReconsiderAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = Routes.Reconsider)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        int commits = 0;
        bool isComplete = true;
        List<ReconsideredAnswer> different = [];
        await foreach (Reconsidered reconsidered in aggregate.History.ReconsiderAsync(name, cancellationToken))
        {
            if (different.Count == MaxDifferences)
            {
                isComplete = false;
                break;
            }
            commits++;
            if (reconsidered.Verdict != Verdict.Same)
            {
                different.Add(new ReconsideredAnswer(
                    Word(reconsidered.Verdict), CommitAnswer.Of(reconsidered.Commit), TrialAnswer.Of(reconsidered.Today)));
            }
        }
        return commits == 0
            ? await request.ProblemAsync(HistoryQuery.Unknown(name))
            : await request.JsonAsync(
                HttpStatusCode.OK, new ReconsiderAnswer(name.Value, commits, commits - different.Count, different, isComplete),
                ApiJson.Relaxed.ReconsiderAnswer, cancellationToken);
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Same => "same",
        Verdict.OtherEvents => "other-events",
        Verdict.NowRejected => "now-rejected",
        Verdict.NowAccepted => "now-accepted",
        Verdict.OtherReason => "other-reason",
        _ => "undecidable",
    };
}
