using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// Where faults come from: asked once for each request, after it was authorized and before anything is done. The pipeline carries
/// out the answer.
/// </summary>
internal interface IFaultInjector
{
    Fault? Decide(CosmosRequest request, in ResourcePath path);
}

/// <summary>
/// What is to go wrong with a request: it waits, then it is answered with an error or loses its connection, before or after the
/// work was done.
/// </summary>
internal sealed record Fault
{
    public TimeSpan Delay { get; init; }

    /// <summary>A read is answered from a state that is so far behind.</summary>
    public ReplicaLag? Lag { get; init; }

    public CosmosError? Error { get; init; }

    public bool DropConnection { get; init; }

    /// <summary>Whether the request is carried out before it fails, so that the client can't know.</summary>
    public bool AfterTheWork { get; init; }
}

/// <summary>The transport has to end the connection without an answer.</summary>
internal sealed class ConnectionDroppedException : Exception;
