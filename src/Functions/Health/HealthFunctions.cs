using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Health;

/// <summary>Whether this instance can do its work. The one function without a key, for load balancers and monitors.</summary>
public sealed class HealthFunctions(IStorageProbe storage, TimeProvider time)
{
    [Function("GetHealth")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Health)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using CancellationTokenSource timeout = new(HttpLimits.HealthTimeout, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        IReadOnlyList<ValidationError> faults = await FindFaultsAsync(both.Token, cancellationToken);
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

    private async Task<IReadOnlyList<ValidationError>> FindFaultsAsync(CancellationToken bounded, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await storage.FindFaultsAsync(bounded)).Select(f => new ValidationError(f.Container, $"The container '{f.Container}': {f.Problem}."))];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
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
