using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>Records of projections in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryVersionStore : IVersionStore
{
    private readonly Dictionary<string, ProjectionVersions> records = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long writes;

    public Task<ProjectionVersions?> ReadAsync(string projection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(records.GetValueOrDefault(projection));
        }
    }

    public Task<bool> TryWriteAsync(ProjectionVersions versions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (records.GetValueOrDefault(versions.Projection)?.ETag != versions.ETag)
            {
                return Task.FromResult(false);
            }
            records[versions.Projection] = versions with { ETag = (++writes).ToString(CultureInfo.InvariantCulture) };
            return Task.FromResult(true);
        }
    }
}
