using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Management;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Health;

/// <summary>Whether this instance runs, reaches its store, and keeps its views up to date. Without a key, for load balancers and monitors.</summary>
public sealed class HealthFunctions(StorageHealth storage, ConsumerHealth consumers)
{
    /// <summary>Whether it reaches its store, so that it can take requests.</summary>
    [Function("GetHealth")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Health)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AnswerAsync(request, "healthy", await storage.FindFaultsAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Whether it runs at all. Asks nothing of the store, so that an outage of it restarts nobody.</summary>
    [Function("GetHealthLive")]
    public Task<HttpResponseData> GetLiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.HealthLive)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AnswerAsync(request, "live", [], cancellationToken);
    }

    /// <summary>Whether it reaches its store and every consumer keeps up.</summary>
    [Function("GetHealthReady")]
    public async Task<HttpResponseData> GetReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.HealthReady)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<ValidationError> faults = await storage.FindFaultsAsync(cancellationToken);
        return await AnswerAsync(request, "ready", faults.Count > 0 ? faults : await consumers.FindFaultsAsync(cancellationToken), cancellationToken);
    }

    private static async Task<HttpResponseData> AnswerAsync(
        HttpRequestData request, string status, IReadOnlyList<ValidationError> faults, CancellationToken cancellationToken) =>
        faults.Count == 0
            ? await request.JsonAsync(HttpStatusCode.OK, new HealthAnswer(status), ApiJson.Relaxed.HealthAnswer, cancellationToken)
            : await request.ProblemAsync(new Problem(ProblemKind.Unhealthy, string.Join(" ", faults.Select(f => f.Message)))
            {
                Errors = faults,
                RetryAfter = TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds),
            });
}

/// <summary>
/// Looks once for all who ask at about the same time. These routes need no key: how often somebody calls them must not decide
/// how many requests the database gets.
/// </summary>
public abstract class SharedHealth(TimeProvider time, TimeSpan reuse)
{
    private readonly Lock gate = new();
    private Task<IReadOnlyList<ValidationError>>? look;
    private long lookedAt;

    /// <summary>What is wrong; empty when all is well.</summary>
    public Task<IReadOnlyList<ValidationError>> FindFaultsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (look is null || (look.IsCompleted && time.GetElapsedTime(lookedAt) >= reuse))
            {
                lookedAt = time.GetTimestamp();
                look = Task.Run(LookInTimeAsync, CancellationToken.None); // It is everybody's, and ends by its own limit.
            }
            return look.WaitAsync(cancellationToken);
        }
    }

    private protected abstract Task<IReadOnlyList<ValidationError>> LookAsync(CancellationToken cancellationToken);

    private async Task<IReadOnlyList<ValidationError>> LookInTimeAsync()
    {
        using CancellationTokenSource timeout = new(HttpLimits.HealthTimeout, time);
        try
        {
            return await LookAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return [new ValidationError("store", $"The store did not answer within {HttpLimits.HealthTimeout.TotalSeconds} seconds.")];
        }
    }
}

/// <summary>Whether every container can be reached.</summary>
public sealed class StorageHealth(IStorageProbe storage, TimeProvider time) : SharedHealth(time, HttpLimits.HealthReuse)
{
    private protected override async Task<IReadOnlyList<ValidationError>> LookAsync(CancellationToken cancellationToken) =>
        [.. (await storage.FindFaultsAsync(cancellationToken)).Select(f => new ValidationError(f.Container, $"The container '{f.Container}': {f.Problem}."))];
}

/// <summary>
/// Whether the consumers that have to be up to date are: the versions that serve, the processes, and the inbox. A version that is being built may be
/// behind, and a parked stream holds up nothing else.
/// </summary>
public sealed class ConsumerHealth(ConsumerFeed feed, ConsumerStatusReader status, IStoreFaults faults, TimeProvider time)
    : SharedHealth(time, HttpLimits.ReadyReuse)
{
    private protected override async Task<IReadOnlyList<ValidationError>> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<IConsumer> current = await feed.CurrentAsync(cancellationToken);
            ConsumerStatus[] read = await Task.WhenAll(
                current.Select(c => c.FullName).Append(InboxOptions.FeedName).Select(c => status.ReadAsync(c, cancellationToken)));
            return [.. read.Where(s => s.State > ConsumerState.Failing || s.IsOverdue).Select(Fault)];
        }
        catch (Exception e) when (faults.IsFault(e) && !cancellationToken.IsCancellationRequested)
        {
            return [new ValidationError("store", $"The state of the consumers can't be read: {faults.Describe(e)}.")];
        }
    }

    // Reasons stay out of it: they are for operators, and nobody needs a key for this.
    private static ValidationError Fault(ConsumerStatus status) => new(
        status.Consumer,
        $"{status.Consumer} is {ConsumerAnswer.NameOf(status.State)}: {status.LagCommits} commits to do, the oldest {(long)status.LagTime.TotalSeconds} seconds old.");
}

/// <summary>Looks whether every container is there and can be reached.</summary>
public interface IStorageProbe
{
    /// <summary>What is wrong, in a word or two per container; empty when all is well.</summary>
    Task<IReadOnlyList<StorageFault>> FindFaultsAsync(CancellationToken cancellationToken);
}

public sealed record StorageFault(string Container, string Problem);

/// <summary>Mirrors wire data.</summary>
internal sealed record HealthAnswer(string Status);
