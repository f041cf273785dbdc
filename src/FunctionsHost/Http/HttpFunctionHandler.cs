using System.Security.Claims;
using System.Threading.RateLimiting;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;
using Serverless.FunctionsHost.Invocation;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Http;

/// <summary>Turns a request into an invocation and its outcome into an answer. What the host itself answers has an empty body.</summary>
internal sealed class HttpFunctionHandler(
    Lazy<FunctionRouter> router,
    FunctionKeys keys,
    FunctionInvoker invoker,
    RequestOrigin origin,
    ControlRoutes control,
    HostJson host,
    HostStopping stopping,
    IOptions<FunctionsHostOptions> options,
    ILogger<HttpFunctionHandler> logger) : IDisposable
{
    private readonly ConcurrencyLimiter? limiter = CreateLimiter(host);

    public async Task HandleAsync(HttpContext context)
    {
        foreach ((string name, string value) in host.CustomHeaders)
        {
            context.Response.Headers[name] = value;
        }
        if (HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close"; // Whatever the client asks for.
        }
        if (!context.Request.Host.HasValue)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError; // The real host fails to make an address of it.
            return;
        }
        if (origin.Refusal(context.Request) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            context.Response.Headers.XContentTypeOptions = "nosniff"; // It quotes what it was sent.
            await context.Response.WriteAsync(refusal + '\n', context.RequestAborted);
            return;
        }
        if (options.Value.OwnRoutes.TryGetValue(context.Request.Path, out RequestDelegate? own))
        {
            await own(context);
            return;
        }
        using RateLimitLease? lease = limiter is null ? null : await limiter.AcquireAsync(1, context.RequestAborted);
        if (lease is { IsAcquired: false })
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }
        if (control.Find(context.Request.Path) is { } triggered)
        {
            context.Response.StatusCode = control.Run(context.Request, triggered);
            return;
        }
        RouteValueDictionary routeValues = [];
        if (router.Value.Match(context, routeValues) is not { } function)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        (bool isAllowed, ClaimsIdentity? identity) = keys.Authorize(context.Request, function.Name, ((FunctionTrigger.Http)function.Trigger).AuthLevel);
        if (!isAllowed)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        await InvokeAsync(context, function, routeValues, identity);
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

    private async Task InvokeAsync(HttpContext http, HostedFunction function, RouteValueDictionary routeValues, ClaimsIdentity? identity)
    {
        using CancellationTokenSource cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping.Token);
        Data? returned;
        try
        {
            ByteString body = await ReadBodyAsync(http.Request, http.RequestAborted);
            InvocationRequest request = HttpInvocation.Create(function, http.Request, routeValues, body, identity);
            returned = await invoker.RunAsync(function, request, "This function was programmatically called via the host APIs.", cancellation.Token);
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // In the real host the invocation has begun by then and fails.
            logger.LogError(fault, "Executed 'Functions.{Function}' (Failed): the body exceeds {Limit} bytes", function.Name, LimitOf(http.Request));
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }
        catch (BadHttpRequestException fault)
        {
            http.Response.StatusCode = fault.StatusCode; // 400 for a body that ends early.
            return;
        }
        catch (Exception)
        {
            // The invoker has logged it. What went wrong is nothing for a caller's eyes.
            http.Response.StatusCode = stopping.HasBegun ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
            return;
        }
        if (returned?.Http is { } answer)
        {
            await HttpAnswer.SendAsync(answer, http.Response, http.RequestAborted);
        }
    }

    private static long? LimitOf(HttpRequest request) =>
        request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;

    private async ValueTask<ByteString> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is > 0 and { } length)
        {
            byte[] body = new byte[length];
            await request.Body.ReadExactlyAsync(body, cancellationToken);
            return UnsafeByteOperations.UnsafeWrap(body);
        }
        if (request.ContentLength is null && request.Headers.TransferEncoding.Count > 0)
        {
            // The real host hands only bodies of known length to a worker that gets requests as HttpRequestData.
            logger.LogWarning(
                "{Method} {Path} came with Transfer-Encoding: chunked. The function sees an empty body, as it would in Azure: send a Content-Length",
                request.Method, request.Path);
        }
        return ByteString.Empty;
    }
}
