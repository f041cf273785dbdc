namespace Serverless.EventSourcing;

/// <summary>
/// One small record per projection: its versions, and which one serves. Guarantees: a write is conditional on the record being unchanged
/// since it was read (or absent, when it is new); a read after it sees it.
/// </summary>
public interface IVersionStore
{
    Task<ProjectionVersions?> ReadAsync(string projection, CancellationToken cancellationToken);

    /// <summary>False when another writer was faster.</summary>
    Task<bool> TryWriteAsync(ProjectionVersions versions, CancellationToken cancellationToken);
}
