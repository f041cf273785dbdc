using System.Collections.Frozen;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>Whether a stream is what was written, and what one message led to across streams. For operators.</summary>
public sealed class IntegrityFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates, ICommitLog log)
{
    /// <summary>Commits of one conversation in an answer.</summary>
    private const int MaxSteps = 500;

    [Function("ManageVerify")]
    public async Task<HttpResponseData> VerifyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Verify)] HttpRequestData request,
        string stream,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        CommitChain chain = new();
        BrokenLink? broken = null;
        await foreach (JsonElement item in log.ReadItemsAsync(name, cancellationToken))
        {
            broken = chain.Next(item);
        }
        if (chain.Commits == 0)
        {
            return await request.ProblemAsync(HistoryQuery.Unknown(name));
        }
        broken ??= await aggregate.History.CheckSnapshotAsync(name, cancellationToken);
        VerifyAnswer answer = new(
            name.Value, chain.Commits, broken is null, broken is null ? chain.Hash : null, broken is null ? null : new BrokenLinkAnswer(broken.Id, broken.Reason));
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.VerifyAnswer, cancellationToken);
    }

    /// <summary>Which command caused which events, and which commands those caused, across streams.</summary>
    [Function("ManageConversation")]
    public async Task<HttpResponseData> FollowAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Conversation)] HttpRequestData request,
        string correlationId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<Commit> commits = await log.ReadConversationAsync(correlationId, MaxSteps + 1, cancellationToken);
        if (commits.Count == 0)
        {
            return await request.ProblemAsync(new Problem(ProblemKind.UnknownConversation, $"No commit belongs to a conversation '{correlationId}'."));
        }
        List<ConversationStep> steps = [];
        Add(CausedCommit.Trees([.. commits.Take(MaxSteps)]), depth: 0);
        return await request.JsonAsync(
            HttpStatusCode.OK, new ConversationAnswer(correlationId, steps, commits.Count <= MaxSteps), ApiJson.Relaxed.ConversationAnswer, cancellationToken);

        void Add(IReadOnlyList<CausedCommit> caused, int depth)
        {
            foreach (CausedCommit step in caused)
            {
                steps.Add(new ConversationStep(depth, CommitAnswer.Of(step.Commit)));
                Add(step.Caused, depth + 1);
            }
        }
    }
}
