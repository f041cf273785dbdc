namespace Serverless.FunctionsHost;

/// <summary>The worker ended, or its stream broke, before it answered.</summary>
public sealed class WorkerLostException()
    : Exception("The worker process ended before the function returned. Its output says why; what ran in it counts as failed.");
