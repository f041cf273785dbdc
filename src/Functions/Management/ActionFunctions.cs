using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Management;

/// <summary>What operators did, by whom, when and why.</summary>
public sealed class ActionFunctions(ConsumerFeed feed, IActionStore actions)
{
    /// <summary>
    /// All of them, or those of <c>?consumer=</c>, which may name a consumer that is no more: its record stays. <c>store</c> has the imports.
    /// </summary>
    [Function("ManageActions")]
    public async Task<HttpResponseData> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Actions)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? consumer = request.Query["consumer"] switch
        {
            null => null,
            { Length: > 0 and <= HttpLimits.MaxConsumerLength } name => name,
            _ => throw new ProblemException(Problem.InvalidQuery("consumer", "It is the name and version of a consumer, such as account-summary@1.")),
        };
        int pageSize = (int)request.QueryNumber("pageSize", ViewLimits.DefaultPageSize, min: 1, ViewLimits.MaxPageSize);
        ActionPage page;
        try
        {
            page = await actions.ListAsync(consumer, pageSize, request.Query["continuation"], cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            throw Views.ContinuationToken.Invalid();
        }
        if (page.Items.Count == 0 && consumer is not null and not RecordedImport.RecordName && feed.Consumers.All(c => c.FullName != consumer))
        {
            return await request.ProblemAsync(feed.Unknown(consumer));
        }
        ActionListAnswer answer = new(consumer, [.. page.Items.Select(ActionAnswer.Of)], page.Continuation);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.ActionListAnswer, cancellationToken);
    }
}
