namespace Serverless.CosmosEmulator.Storage;

/// <summary>What all containers of an account share: the time, and whether a replica may be asked to lag behind their writes.</summary>
internal sealed record StorageContext(TimeProvider Clock, Func<bool> RemembersWrites);
