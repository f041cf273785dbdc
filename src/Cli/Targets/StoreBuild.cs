using Microsoft.Azure.Cosmos;
using Serverless.Cli.Answers;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Cli.Targets;

/// <summary>
/// Fills the documents of a version of a projection. It writes nothing but those, each under its fence: the record of the versions, the
/// leases and what is parked belong to the function app, which finds by its feed what is done, and meets for itself what can't be.
/// </summary>
internal sealed class StoreBuild(
    BoundedContext context, ICommitLog log, IEventStore store, Database database, Func<CosmosClient> openBulk, TimeProvider time)
{
    private readonly CosmosVersionStore versions = new(database.GetContainer(ContainerNames.Consumers));

    public async Task<BuildDocument> RunAsync(
        (string Projection, int Version) version, int parallel, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        IProjection projection = Find(version.Projection, version.Version);
        await RefuseRetiredAsync(projection, "is retired: its documents are deleted for good. Raise the version to build it anew", cancellationToken);
        long? total = await log.EstimateCountAsync(cancellationToken);
        using CosmosClient bulk = openBulk();
        using ConsumerMonitor monitor = new(time);
        InMemoryParkedStore poison = new();
        // Whether a commit is poison its feed decides, after trying more often.
        RebuildOptions options = new() { MaxParallelWrites = parallel, Consuming = new ConsumerOptions { MaxAttempts = 1 } };
        ProjectionRebuild rebuild = new(
            log, store, new BulkWrites(ViewsOf(database), ViewsOf(bulk.GetDatabase(database.Id))), poison, new CosmosStoreFaults(), monitor, time, options);
        RebuildProgress end;
        try
        {
            end = await rebuild.RunAsync(projection, continuation: null, new Report(p => progress(p.Commits, total)), cancellationToken);
        }
        catch (TooManyParkedStreamsException e)
        {
            throw new ToolException(ExitCodes.No, $"More than {options.Consuming.MaxParkedStreams} streams can't be processed by {projection.FullName}.", e);
        }
        await RefuseRetiredAsync(projection, "was retired meanwhile: retire it again, to delete what was written since", cancellationToken);
        ParkedPage parked = await poison.ListAsync(projection.FullName, options.Consuming.MaxParkedStreams, continuation: null, cancellationToken);
        return new BuildDocument(
            projection.Name, projection.Version, end.Commits, end.Events, end.Documents,
            [.. parked.Items.Select(p => new PoisonDocument(p.Stream, p.FromVersion, p.Error))]);
    }

    private IProjection Find(string name, int version)
    {
        IProjection[] known = [.. context.Projections.Where(p => p.Name == name)];
        if (known.Length == 0)
        {
            throw ToolException.NotFound($"There is no projection '{name}' here. There is: {string.Join(", ", context.Projections.Select(p => p.Name).Distinct().Order(StringComparer.Ordinal))}.");
        }
        return known.FirstOrDefault(p => p.Version == version)
            ?? throw ToolException.NotFound($"'{name}' has no version {version} in this tool. It has: {string.Join(", ", known.Select(p => p.Version).Order())}.");
    }

    private async Task RefuseRetiredAsync(IProjection projection, string reason, CancellationToken cancellationToken)
    {
        ProjectionVersions? record = await versions.ReadAsync(projection.Name, cancellationToken);
        if (record?.Find(projection.Version) is { Status: VersionStatus.Retired })
        {
            throw new ToolException(ExitCodes.No, $"{projection.FullName} {reason}.");
        }
    }

    private static CosmosViewStore ViewsOf(Database database) => new(database.GetContainer(ContainerNames.Views));

    /// <summary>A client in bulk mode lets a read wait for others to go with it, so what is read does not go through it.</summary>
    private sealed class BulkWrites(IViewStore reads, IViewStore writes) : IViewStore
    {
        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            reads.ReadAsync(partition, ids, cancellationToken);

        public Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            writes.TryWriteAsync(partition, documents, cancellationToken);

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            reads.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => reads.ListAsync(query, cancellationToken);
    }

    /// <summary>Tells at once, where <see cref="Progress{T}"/> would tell later and elsewhere.</summary>
    private sealed class Report(Action<RebuildProgress> tell) : IProgress<RebuildProgress>
    {
        void IProgress<RebuildProgress>.Report(RebuildProgress value) => tell(value);
    }
}
