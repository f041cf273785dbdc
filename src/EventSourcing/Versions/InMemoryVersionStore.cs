namespace Serverless.EventSourcing;

/// <summary>Records of projections in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryVersionStore : IVersionStore
{
    private readonly InMemoryRecords<ProjectionVersions> records = new(r => r.ETag, (r, etag) => r with { ETag = etag });

    public Task<ProjectionVersions?> ReadAsync(string projection, CancellationToken cancellationToken) => records.ReadAsync(projection, cancellationToken);

    public Task<bool> TryWriteAsync(ProjectionVersions versions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        return records.TryWriteAsync(versions.Projection, versions, cancellationToken);
    }
}
