using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Functions.Projections;

/// <summary>Applies what a change feed delivered to one projection. Its return is the acknowledgement: the lease moves after it.</summary>
public sealed partial class ProjectionFeed(BoundedContext context, Projector projector, ILogger<ProjectionFeed> logger)
{
    private readonly FrozenDictionary<string, IProjection> projections = context.Projections.ToFrozenDictionary(p => p.FullName, StringComparer.Ordinal);

    /// <summary>
    /// Applies commits as stored to the projection <c>name@version</c>. What can't be read or applied is thrown, which keeps the lease
    /// where it is.
    /// </summary>
    public async Task ApplyAsync(string projection, IReadOnlyList<JsonElement> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        Commit[] commits = new Commit[items.Count];
        for (int i = 0; i < commits.Length; i++)
        {
            commits[i] = CommitItem.Read(items[i]);
        }
        ProjectionResult result = await projector.ApplyAsync(projections[projection], commits, cancellationToken);
        LogApplied(logger, projection, commits.Length, result.Events, result.LostRaces, result.RequestCharge);
    }

    [LoggerMessage(LogLevel.Debug, "{Projection} took {Commits} commits: {Events} new events, {LostRaces} lost races, {Charge} request units")]
    private static partial void LogApplied(ILogger logger, string projection, int commits, int events, int lostRaces, double charge);
}
