using System.Security.Claims;
using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.LocalWorker.Hosting;
using Serverless.LocalWorker.Indexing;
using Serverless.LocalWorker.Invocation;

namespace Serverless.LocalWorker.Http;

/// <summary>Turns a request into an invocation and its outcome into an answer. All that the host itself answers has an empty body.</summary>
internal sealed class HttpFunctionHandler(
    FunctionRouter router,
    FunctionKeys keys,
    FunctionExecutor executor,
    HostJson host,
    IHostApplicationLifetime lifetime,
    ILogger<HttpFunctionHandler> logger) : IDisposable
{
    private readonly ConcurrencyLimiter? limiter = CreateLimiter(host);

    public async Task HandleAsync(HttpContext context)
    {
        foreach ((string name, string value) in host.CustomHeaders)
        {
            context.Response.Headers[name] = value;
        }

        using RateLimitLease? lease = limiter is null ? null : await limiter.AcquireAsync(1, context.RequestAborted);
        if (lease is { IsAcquired: false })
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        var routeValues = new RouteValueDictionary();
        if (router.Match(context, routeValues) is not { } function)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        (bool isAllowed, ClaimsIdentity? identity) = keys.Authorize(context.Request, function.Name, ((FunctionTrigger.Http)function.Trigger).Level);
        if (!isAllowed)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        try
        {
            byte[] body = await ReadBodyAsync(context.Request, context.RequestAborted);
            await InvokeAsync(context, function, routeValues, body, identity);
        }
        catch (BadHttpRequestException fault)
        {
            context.Response.StatusCode = fault.StatusCode; // 413 above the limit, 400 for a body that ends early.
        }
        catch (ObjectDisposedException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.Response.HasStarted)
        {
            // The time to stop was over before this request was done. The real host answers so while it is not running.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    public void Dispose() => limiter?.Dispose();

    // A request that runs counts as outstanding too, as in the real host's queue.
    private static ConcurrencyLimiter? CreateLimiter(HostJson host)
    {
        int outstanding = host.MaxOutstandingRequests < 0 ? int.MaxValue : host.MaxOutstandingRequests;
        int concurrent = host.MaxConcurrentRequests < 0 ? outstanding : Math.Min(host.MaxConcurrentRequests, outstanding);
        return concurrent == int.MaxValue
            ? null
            : new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = concurrent, QueueLimit = outstanding - concurrent });
    }

    private async Task InvokeAsync(
        HttpContext http, LocalFunction function, RouteValueDictionary routeValues, byte[] body, ClaimsIdentity? identity)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        LocalTraceContext trace = LocalTraceContext.From(http.Request.Headers.TraceParent, http.Request.Headers.TraceState);
        await using LocalFunctionContext context = executor.CreateContext(function, Guid.NewGuid().ToString(), trace, null, cancellation.Token);
        var bindings = new FunctionBindings
        {
            TriggerValue = new LocalHttpRequestData(context, http.Request, body, identity),
            LazyMetadata = new(() => ReadMetadata(http.Request, routeValues)),
        };
        context.Features.Set(bindings);
        try
        {
            await executor.RunAsync(context, "This function was programmatically called via the host APIs.");
        }
        catch (Exception)
        {
            // The executor has logged it. What went wrong is nothing for a caller's eyes.
            http.Response.StatusCode = lifetime.ApplicationStopping.IsCancellationRequested
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status500InternalServerError;
            return;
        }

        if (bindings.Result is LocalHttpResponseData response)
        {
            await response.SendAsync(http.Response, http.RequestAborted);
        }
    }

    private async ValueTask<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is > 0 and { } length)
        {
            var body = new byte[length];
            await request.Body.ReadExactlyAsync(body, cancellationToken);
            return body;
        }

        if (request.ContentLength is null && request.Headers.TransferEncoding.Count > 0)
        {
            // The real host hands only bodies of known length to a worker that gets requests as HttpRequestData.
            logger.LogWarning(
                "{Method} {Path} came with Transfer-Encoding: chunked. The function sees an empty body, as it would in Azure: send a Content-Length",
                request.Method, request.Path);
        }

        return [];
    }

    private static Dictionary<string, object?> ReadMetadata(HttpRequest request, RouteValueDictionary routeValues)
    {
        var query = request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var metadata = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in query.Where(pair => !string.Equals(pair.Key, "code", StringComparison.OrdinalIgnoreCase)))
        {
            metadata[name] = value;
        }

        foreach ((string name, object? value) in routeValues)
        {
            metadata[name] = value?.ToString();
        }

        metadata.TryAdd("Query", JsonSerializer.Serialize(query));
        metadata.TryAdd("Headers", JsonSerializer.Serialize(request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString())));
        return metadata;
    }
}
