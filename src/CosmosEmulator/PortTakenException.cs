namespace Serverless.CosmosEmulator;

/// <summary>Another program listens on the port. Without this error a client would silently talk to that program.</summary>
public sealed class PortTakenException : IOException
{
    public PortTakenException(int port, Exception inner)
        : base($"Port {port} on localhost is taken by another program: stop it, or choose another port (0 for any free one).", inner) => Port = port;

    public int Port { get; }
}
