namespace Serverless.FunctionsHost;

/// <summary>An invocation exceeded functionTimeout of host.json. It counts as failed.</summary>
public sealed class FunctionTimeoutException(string functionName, string invocationId, TimeSpan timeout)
    : TimeoutException($"Timeout value of {timeout} was exceeded by function '{functionName}' (Id: '{invocationId}').")
{
    public string FunctionName { get; } = functionName;

    public string InvocationId { get; } = invocationId;

    public TimeSpan Timeout { get; } = timeout;
}
