using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Health;

/// <summary>Whether this instance can do its work. Without a key, for load balancers and monitors.</summary>
public sealed class HealthFunctions(StorageHealth storage)
{
    [Function("GetHealth")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Health)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<ValidationError> faults = await storage.FindFaultsAsync(cancellationToken);
        HttpResponseData response = faults.Count == 0
            ? await request.JsonAsync(HttpStatusCode.OK, new HealthAnswer("healthy"), ApiJson.Relaxed.HealthAnswer, cancellationToken)
            : await request.ProblemAsync(new Problem(ProblemKind.Unhealthy, string.Join(" ", faults.Select(f => f.Message)))
            {
                Errors = faults,
                RetryAfter = TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds),
            });
        if (faults.Count == 0)
        {
            response.Headers.Add("Cache-Control", "no-store");
        }
        return response;
    }
}

/// <summary>
/// Looks at the store once for all who ask at about the same time. The health check needs no key: how often somebody calls it must not decide
/// how many requests the database gets.
/// </summary>
public sealed class StorageHealth(IStorageProbe storage, TimeProvider time)
{
    private readonly Lock gate = new();
    private Task<IReadOnlyList<ValidationError>>? look;
    private long lookedAt;

    public Task<IReadOnlyList<ValidationError>> FindFaultsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (look is null || (look.IsCompleted && time.GetElapsedTime(lookedAt) >= HttpLimits.HealthReuse))
            {
                lookedAt = time.GetTimestamp();
                look = Task.Run(LookAsync, CancellationToken.None); // It is everybody's, and ends by its own limit.
            }
            return look.WaitAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<ValidationError>> LookAsync()
    {
        using CancellationTokenSource timeout = new(HttpLimits.HealthTimeout, time);
        try
        {
            return [.. (await storage.FindFaultsAsync(timeout.Token)).Select(f => new ValidationError(f.Container, $"The container '{f.Container}': {f.Problem}."))];
        }
        catch (OperationCanceledException)
        {
            return [new ValidationError("store", $"The store did not answer within {HttpLimits.HealthTimeout.TotalSeconds} seconds.")];
        }
    }
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
