namespace Serverless.FunctionsHost;

/// <summary>The worker of the function app did not become ready; the message says why and what to do.</summary>
public sealed class WorkerStartException : Exception
{
    public WorkerStartException(string message)
        : base(message)
    {
    }

    public WorkerStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
