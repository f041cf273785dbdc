using System.Diagnostics;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

// These sources use nothing but the worker's API: they compile against the real packages too.
namespace Serverless.FunctionsHost.Tests.Functions;

/// <summary>What happened, in order; a singleton of the test's app.</summary>
public sealed class Journal
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];

    /// <summary>What a function waits for, where a test wants it to run for a while.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public void Add(string line)
    {
        lock (gate)
        {
            lines.Add(line);
        }
    }
}

/// <summary>A scoped service that tells when its scope ends.</summary>
public sealed class ScopedThing(Journal journal) : IDisposable
{
    public Guid Id { get; } = Guid.NewGuid();

    public void Dispose() => journal.Add("scope ended");
}

public sealed class ContextSamples(ScopedThing thing, Journal journal)
{
    [Function("Context")]
    public async Task<HttpResponseData> Context(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "context/{id}")] HttpRequestData request, string id, FunctionContext context)
    {
        journal.Add("function");
        HttpResponseData response = request.CreateResponse();
        await response.WriteAsJsonAsync(new
        {
            id,
            context.InvocationId,
            context.FunctionId,
            context.FunctionDefinition.Name,
            context.FunctionDefinition.EntryPoint,
            Assembly = Path.GetFileName(context.FunctionDefinition.PathToAssembly),
            Parameters = context.FunctionDefinition.Parameters.Select(p => $"{p.Name}:{p.Type.Name}"),
            Inputs = context.FunctionDefinition.InputBindings.Select(b => $"{b.Key}:{b.Value.Type}:{b.Value.Direction}"),
            Outputs = context.FunctionDefinition.OutputBindings.Select(b => $"{b.Key}:{b.Value.Type}:{b.Value.Direction}"),
            context.TraceContext.TraceParent,
            context.TraceContext.TraceState,
            BindingKeys = context.BindingContext.BindingData.Keys,
            RouteId = context.BindingContext.BindingData["id"],
            HasRetry = context.RetryContext is not null,
            SameScope = context.InstanceServices.GetRequiredService<ScopedThing>().Id == thing.Id,
            Item = context.Items.TryGetValue("item", out object? item) ? item : null,
            Feature = context.Features.Get<string>(),
            Span = Activity.Current?.Id,
        });
        return response;
    }
}

public sealed class OuterMiddleware(Journal journal) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        journal.Add($"outer before {context.FunctionDefinition.Name}");
        context.Items["item"] = "from outer";
        context.Features.Set("a feature");
        await next(context);
        context.GetHttpResponseData()?.Headers.Add("X-Outer", "yes");
        journal.Add("outer after");
    }
}

public sealed class InnerMiddleware(Journal journal) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        HttpRequestData? request = await context.GetHttpRequestDataAsync();
        journal.Add($"inner before {request?.Method}");
        await next(context);
        journal.Add("inner after");
    }
}

/// <summary>Turns what a function throws into an answer.</summary>
public sealed class RescueMiddleware : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (InvalidOperationException)
        {
            HttpRequestData request = await context.GetHttpRequestDataAsync() ?? throw new UnreachableException();
            context.GetInvocationResult().Value = request.CreateResponse(HttpStatusCode.Conflict);
        }
    }
}

/// <summary>Waits until its token fires, and says so.</summary>
public sealed class WaitingSamples(Journal journal)
{
    [Function("Wait")]
    public async Task<HttpResponseData> Wait(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request, FunctionContext context, CancellationToken cancellationToken)
    {
        journal.Add(context.CancellationToken == cancellationToken ? "waiting" : "two tokens");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            journal.Add("cancelled");
        }

        return request.CreateResponse();
    }
}

public static class KeyedSamples
{
    [Function("Open")]
    public static HttpResponseData Open([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request) => request.CreateResponse();

    [Function("Keyed")]
    public static HttpResponseData Keyed([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequestData request) => request.CreateResponse();

    [Function("Other")]
    public static HttpResponseData Other([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequestData request) => request.CreateResponse();

    [Function("Unsaid")]
    public static HttpResponseData Unsaid([HttpTrigger("get")] HttpRequestData request) => request.CreateResponse();

    [Function("Sys")]
    public static HttpResponseData Sys([HttpTrigger(AuthorizationLevel.System, "get")] HttpRequestData request) => request.CreateResponse();

    [Function("Root")]
    public static HttpResponseData Root([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequestData request) => request.CreateResponse();

    [Function("Who")]
    public static Task<HttpResponseData> Who([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request) =>
        RouteSamples.Text(request, string.Join(';', request.Identities.SelectMany(identity => identity.Claims).Select(claim => claim.Value)));
}
