using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>The versions of projections: which serves, how far the others are built, and what is to become of them. For operators.</summary>
public sealed partial class ProjectionFunctions(
    VersionedProjections projections,
    VersionTakeover takeover,
    VersionRetirement retirement,
    ViewRebuild rebuild,
    ConsumerStatusReader status,
    OperatorActions actions,
    TakeoverSignal takeovers,
    Caller caller,
    TimeProvider time,
    ILogger<ProjectionFunctions> logger)
{
    /// <summary>How long one request deletes documents; the platform ends a request after minutes.</summary>
    private static readonly TimeSpan MaxRetirement = TimeSpan.FromSeconds(20);

    [Function("ManageProjections")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Projections)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ProjectionsAnswer answer = new(await Task.WhenAll(projections.Names.Select(n => DescribeAsync(n, cancellationToken))));
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ProjectionsAnswer, cancellationToken);
    }

    [Function("ManageProjection")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Projection)] HttpRequestData request,
        string projection,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AnswerAsync(request, projections.Require(projection), cancellationToken);
    }

    /// <summary>
    /// Lets a version answer queries: one that is built, before it does so by itself, or the one before, to roll back. It has to be up to
    /// date, and a newer one to pass its check, unless <c>force</c> is true. Body: <c>{"version":1,"reason":"…","force":false}</c>.
    /// </summary>
    [Function("ManageProjectionServe")]
    public Task<HttpResponseData> ServeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ProjectionServe)] HttpRequestData request,
        string projection,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, "serve", projection, (v, token) => takeover.ServeAsync(projection, v.Version, v.Force, token), cancellationToken);

    /// <summary>Holds a version that does not serve: its feed keeps its place. Body: <c>{"version":2,"reason":"…"}</c>.</summary>
    [Function("ManageProjectionPause")]
    public Task<HttpResponseData> PauseAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ProjectionPause)] HttpRequestData request,
        string projection,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            request, "pause", projection, (v, token) => projections.ChangeAsync(projection, (r, now) => r.Pause(v.Version, now), token), cancellationToken);

    /// <summary>
    /// Lets a paused version go on; and a newer one that was rolled back try to take over again. Body: <c>{"version":2,"reason":"…"}</c>.
    /// </summary>
    [Function("ManageProjectionResume")]
    public Task<HttpResponseData> ResumeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ProjectionResume)] HttpRequestData request,
        string projection,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            request, "resume", projection, (v, token) => projections.ChangeAsync(projection, (r, now) => r.Resume(v.Version, now), token), cancellationToken);

    /// <summary>
    /// Ends a version for good and deletes its documents, as many as one request has time for. Body: <c>{"version":1,"reason":"…"}</c>.
    /// </summary>
    [Function("ManageProjectionRetire")]
    public async Task<HttpResponseData> RetireAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ProjectionRetire)] HttpRequestData request,
        string projection,
        CancellationToken cancellationToken)
    {
        (VersionRequest body, OperatorAction action) = await ReadAsync(request, "retire", projection, cancellationToken);
        RetirementResult result = await actions.RunAsync(
            action,
            token => retirement.RunAsync(projection, body.Version, MaxRetirement, token),
            r => new ActionOutcome(r.IsComplete ? "retired" : "retiring", $"{r.Deleted} documents deleted"),
            cancellationToken);
        return await request.JsonAsync(
            HttpStatusCode.OK, new RetireAnswer(projection, body.Version, result.Deleted, result.IsComplete), ApiJson.Relaxed.RetireAnswer, cancellationToken);
    }

    /// <summary>
    /// Makes what one stream feeds again from the events, in the version that serves or another one. Body:
    /// <c>{"stream":"account-7f3a","reason":"…","version":2}</c>.
    /// </summary>
    [Function("ManageProjectionRebuild")]
    public async Task<HttpResponseData> RebuildAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.ProjectionRebuild)] HttpRequestData request,
        string projection,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RebuildRequest body = ManagementBody.ReadRebuild(await RequestBody.ReadJsonAsync(request, cancellationToken));
        int version = body.Version ?? (await projections.ServingAsync(projections.Require(projection), cancellationToken)).Version;
        IProjection known = projections.InCode(projection).FirstOrDefault(p => p.Version == version)
            ?? throw new ProblemException(new Problem(
                ProblemKind.VersionChangeRefused, $"This deployment has no code for {projection}@{version}, which a rebuild would need."));
        int hyphen = body.Stream.IndexOf('-', StringComparison.Ordinal);
        if (hyphen < 0 || !known.Categories.Contains(body.Stream[..hyphen]))
        {
            throw new ProblemException(new Problem(
                ProblemKind.InvalidRequest, $"'{projection}' is fed by streams such as {known.Categories.Order(StringComparer.Ordinal).First()}-7f3a."));
        }
        StreamName stream = RouteValues.RequireStream(body.Stream[..hyphen], body.Stream[(hyphen + 1)..]);
        OperatorAction action = actions.New("rebuild", known.FullName, caller.Of(request)) with { Stream = stream.Value, Reason = body.Reason };
        LogAction(logger, action.Actor, action.Kind, $"{known.FullName} for {stream}", body.Reason);
        RebuildResult result;
        try
        {
            result = await actions.RunAsync(
                action,
                token => rebuild.RunAsync(known, stream, token),
                r => new ActionOutcome("rebuilt", $"{r.Changed} of {r.Documents} documents changed, {r.Deleted} deleted"),
                cancellationToken);
        }
        catch (PoisonException e)
        {
            throw new ProblemException(new Problem(
                ProblemKind.VersionChangeRefused, $"{e.Stream} version {e.Version} can't be processed. Nothing was changed. {e.InnerException?.GetType().Name}: {e.InnerException?.Message}"));
        }
        if (result.Key.Length == 0)
        {
            throw new ProblemException(new Problem(ProblemKind.UnknownStream, $"'{stream}' does not exist, or feeds nothing of '{projection}'."));
        }
        return await request.JsonAsync(
            HttpStatusCode.OK,
            new RebuildAnswer(projection, version, stream.Value, result.Key, result.Streams, result.Documents, result.Changed, result.Deleted),
            ApiJson.Relaxed.RebuildAnswer,
            cancellationToken);
    }

    private async Task<HttpResponseData> ChangeAsync(
        HttpRequestData request,
        string kind,
        string projection,
        Func<VersionRequest, CancellationToken, Task<ProjectionVersions>> change,
        CancellationToken cancellationToken)
    {
        (VersionRequest body, OperatorAction action) = await ReadAsync(request, kind, projection, cancellationToken);
        await actions.RunAsync(
            action, token => change(body, token), r => new ActionOutcome(VersionAnswer.StatusOf(r.Find(body.Version)!)), cancellationToken);
        takeovers.Raise();
        return await AnswerAsync(request, projection, cancellationToken);
    }

    private async Task<(VersionRequest Body, OperatorAction Action)> ReadAsync(
        HttpRequestData request, string kind, string projection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        projections.Require(projection);
        VersionRequest body = ManagementBody.ReadVersion(await RequestBody.ReadJsonAsync(request, cancellationToken));
        OperatorAction action = actions.New(kind, $"{projection}@{body.Version}", caller.Of(request)) with { Reason = body.Reason };
        LogAction(logger, action.Actor, kind, action.Consumer, body.Reason);
        return (body, action);
    }

    private async Task<HttpResponseData> AnswerAsync(HttpRequestData request, string projection, CancellationToken cancellationToken) =>
        await request.JsonAsync(
            HttpStatusCode.OK, await DescribeAsync(projection, cancellationToken), ApiJson.Relaxed.ProjectionAnswer, cancellationToken);

    private async Task<ProjectionAnswer> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        ProjectionVersions record = await projections.ReadAsync(name, cancellationToken);
        HashSet<int> inCode = [.. projections.InCode(name).Select(p => p.Version)];
        VersionAnswer[] versions = await Task.WhenAll(record.Versions.Select(async version =>
        {
            ConsumerStatus? read = version.Status == VersionStatus.Retired ? null : await status.ReadAsync($"{name}@{version.Version}", cancellationToken);
            return VersionAnswer.Of(version, inCode.Contains(version.Version), read, time.GetUtcNow());
        }));
        return new ProjectionAnswer(name, record.ServingFor(inCode), versions);
    }

    private static string StatusOf(ProjectionVersion version) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(version.Status.ToString());

    [LoggerMessage(1504, LogLevel.Warning, "{Actor} orders {Kind} of {Target}: {Reason}")]
    private static partial void LogAction(ILogger logger, string actor, string kind, string target, string reason);
}
