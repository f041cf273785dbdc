namespace Serverless.CosmosEmulator.Storage;

/// <summary>How far a replica is behind: at most so many writes and at most so much time, whichever of the two are set.</summary>
internal sealed record ReplicaLag(int? Writes, TimeSpan? Time);
