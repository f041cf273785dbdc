using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>The description of this API. It tells what the code of an app tells, and nothing that is in it, so it needs no key.</summary>
public sealed class ApiDescriptionFunctions(ApiDocument document)
{
    [Function("GetApiDescription")]
    public Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.ApiDescription)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.CacheableAsync(document.ETag, document.Body, cancellationToken);
    }
}
