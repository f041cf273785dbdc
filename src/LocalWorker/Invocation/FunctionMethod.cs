using System.Reflection;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.LocalWorker.Invocation;

/// <summary>The code of a function: makes an instance of its class for every invocation and calls it.</summary>
internal sealed class FunctionMethod(MethodInfo method)
{
    private readonly MethodInvoker invoker = MethodInvoker.Create(method);

    public async Task<object?> InvokeAsync(IServiceProvider services, object?[] arguments)
    {
        object? instance = method.IsStatic ? null : ActivatorUtilities.CreateInstance(services, method.DeclaringType!);
        object? returned = invoker.Invoke(instance, arguments.AsSpan());
        switch (returned)
        {
            case Task<HttpResponseData> response:
                return await response;
            case Task task:
                await task;
                return null;
            default:
                return returned;
        }
    }
}
