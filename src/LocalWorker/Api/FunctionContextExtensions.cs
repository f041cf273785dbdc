using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.LocalWorker.Invocation;

namespace Microsoft.Azure.Functions.Worker;

public static class FunctionContextLoggerExtensions
{
    public static ILogger<T> GetLogger<T>(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.InstanceServices.GetRequiredService<ILogger<T>>();
    }

    public static ILogger GetLogger(this FunctionContext context, string categoryName)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.InstanceServices.GetRequiredService<ILoggerFactory>().CreateLogger(categoryName);
    }
}

public static class FunctionContextHttpRequestExtensions
{
    /// <summary>The request, or null when another trigger started the function.</summary>
    public static ValueTask<HttpRequestData?> GetHttpRequestDataAsync(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(FunctionBindings.Of(context).Request);
    }

    /// <summary>The response that the function returned, or null if it has not returned one (yet).</summary>
    public static HttpResponseData? GetHttpResponseData(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return FunctionBindings.Of(context).Result as HttpResponseData;
    }
}

public static class FunctionContextBindingFeatureExtensions
{
    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        object? result = FunctionBindings.Of(context).Result;
        return result is T
            ? new LocalInvocationResult<T>(FunctionBindings.Of(context))
            : throw new InvalidOperationException($"The function returned {result?.GetType().ToString() ?? "nothing"}, not {typeof(T)}.");
    }

    public static InvocationResult GetInvocationResult(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new LocalInvocationResult(FunctionBindings.Of(context));
    }

    private sealed class LocalInvocationResult<T>(FunctionBindings bindings) : InvocationResult<T>
    {
        public override T? Value
        {
            get => bindings.Result is T value ? value : default;
            set => bindings.Result = value;
        }
    }

    private sealed class LocalInvocationResult(FunctionBindings bindings) : InvocationResult
    {
        public override object? Value
        {
            get => bindings.Result;
            set => bindings.Result = value;
        }
    }
}
