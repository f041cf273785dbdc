namespace Serverless.CosmosEmulator.Http;

/// <summary>One request, whichever way it came. <see cref="Target"/> is path and query as they were on the wire.</summary>
internal abstract class CosmosRequest
{
    public required string Method { get; init; }

    public required string Target { get; init; }

    /// <summary>Scheme, host and port that the client used, with a slash at the end.</summary>
    public required string BaseAddress { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The consistency of reads that ask for none themselves.</summary>
    public string? AccountConsistency { get; set; }

    public abstract string? Header(string name);

    public bool IsSet(string header) => HeaderNames.IsTrue(Header(header));
}
