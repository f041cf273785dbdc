using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>What this app consists of, as it is registered. Asks the store for nothing.</summary>
public sealed class ModelFunctions(BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates, ConsumerFeed feed)
{
    /// <summary>Aggregates with their commands and events, and who consumes what.</summary>
    [Function("ManageModel")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Model)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ModelAnswer answer = new(
            [.. context.Aggregates.Select(a => AggregateAnswer.Of(a, aggregates[a.Category].History.PolicyVersion))],
            [.. feed.Consumers.OrderBy(c => c.FullName, StringComparer.Ordinal)
                .Select(c => new ModelConsumerAnswer(c.FullName, KindOf(c), [.. c.Categories.Order(StringComparer.Ordinal)]))]);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ModelAnswer, cancellationToken);
    }

    private static string KindOf(IConsumer consumer) => consumer switch
    {
        IProjection { HasEntries: true } => "entries",
        IProjection => "view",
        _ => "process",
    };
}
