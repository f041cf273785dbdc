namespace Serverless.CosmosEmulator;

/// <summary>How an embedded account behaves. The defaults suit a test in the same process.</summary>
public sealed record CosmosEmulatorOptions
{
    /// <summary>The physical partitions of a new container.</summary>
    public int PartitionCount { get; init; } = 1;

    /// <summary>The account's default consistency; a client can't ask for a stronger one.</summary>
    public string ConsistencyLevel { get; init; } = "Session";

    /// <summary>The key that clients sign with, base64. The default is the one all Cosmos DB emulators use; it is public.</summary>
    public string Key { get; init; } = WellKnownKey;

    /// <summary>
    /// Where everything is kept on disk; one process at a time. Null: in memory, gone at the end. See docs/emulator-durability.md.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// Whether a write is forced to the disk before it is acknowledged, so that not even a loss of power loses it. Without this an
    /// acknowledged write survives the death of the process, not that of the machine.
    /// </summary>
    public bool SyncEveryCommit { get; init; }

    /// <summary>Whether requests over HTTP must be signed.</summary>
    public bool RequireKeyOverHttp { get; init; } = true;

    /// <summary>Whether requests in this process must be signed too. It costs a few microseconds each.</summary>
    public bool RequireKeyInProcess { get; init; }

    /// <summary>
    /// Whether programs on this machine may ask for faults and splits at <c>/_emulator/</c>, without a key. See
    /// src/CosmosEmulator/README.md.
    /// </summary>
    public bool ControlOverHttp { get; init; } = true;

    /// <summary>
    /// Whether HTTP is served over TLS, with the development certificate of ASP.NET Core on this machine; one is made when there is none.
    /// Clients have to trust it: <c>dotnet dev-certs https --trust</c>.
    /// </summary>
    public bool UseHttps { get; init; }

    /// <summary>
    /// Under which names clients may reach the emulator over HTTP besides localhost and the loopback addresses, such as
    /// <c>host.docker.internal</c> for clients in containers. Requests for other names are refused, and so are those of web pages.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Told what a person should know, such as that a client speaks TLS to a port without it; must be thread-safe.</summary>
    public Action<string>? OnNotice { get; init; }

    /// <summary>Told of every request once it was answered; must be quick and thread-safe.</summary>
    public Action<RequestRecord>? OnRequest { get; init; }

    /// <summary>Where the time for <c>_ts</c> and for times to live comes from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    // Public, and the same everywhere: https://learn.microsoft.com/azure/cosmos-db/emulator#authentication.
    private const string WellKnownKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";
}
