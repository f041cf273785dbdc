namespace Serverless.CosmosEmulator;

/// <summary>
/// Nothing can listen on the port: another program does, or the operating system doesn't let this one. Without this error a client would
/// silently talk to that program.
/// </summary>
public sealed class PortTakenException : IOException
{
    public PortTakenException(int port, Exception inner)
        : base($"Port {port} on localhost is taken by another program: stop it, or choose another port (0 for any free one).", inner) => Port = port;

    internal PortTakenException(int port, string refusal, Exception inner)
        : base($"Port {port} on localhost can't be listened on ({refusal}): choose another port (0 for any free one).", inner) =>
        (Port, Refusal) = (port, refusal);

    public int Port { get; }

    /// <summary>What the operating system says who keeps the port back; null when another program has it.</summary>
    public string? Refusal { get; }
}
