using System.Threading.Channels;

namespace Serverless.EventSourcing;

/// <summary>The named limits of a rebuild.</summary>
public sealed record RebuildOptions
{
    /// <summary>Commits that are read at once; the store may give fewer.</summary>
    public int PageSize { get; init; } = 4_000;

    /// <summary>Bytes of view documents, about, that are gathered before they are written. More of it means fewer writes.</summary>
    public long MaxBufferedBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Documents that are written at the same time.</summary>
    public int MaxParallelWrites { get; init; } = 16;

    /// <summary>Keys kept in memory for views whose key stands in an event.</summary>
    public int CachedKeys { get; init; } = 200_000;

    /// <summary>When a stream that can't be processed is parked.</summary>
    public ConsumerOptions Consuming { get; init; } = new();
}

/// <summary>
/// How far a rebuild has come. Commits are those that were looked at; events and documents those that it stored itself, each event once,
/// whoever was faster in between. All before <paramref name="Continuation"/> is in the stored views; null at the end, and before the first write.
/// </summary>
public sealed record RebuildProgress(long Commits, long Events, long Documents, int LostRaces, double RequestCharge, string? Continuation)
{
    internal RebuildProgress Add(ProjectionResult result) => this with
    {
        LostRaces = LostRaces + result.LostRaces,
        RequestCharge = RequestCharge + result.RequestCharge,
    };
}

/// <summary>
/// Builds the views of a projection from the whole store, faster than a feed can: documents change in memory while page after page of
/// commits goes through them, and are written when many have gathered, each once. Nothing depends on it: it does what the feed of the
/// projection would do, under the same fences and conditions, so both may run, together or one after the other, and what one
/// has done the other finds done.
/// </summary>
public sealed class ProjectionRebuild(
    ICommitLog log, IEventStore store, IViewStore views, IParkedStore parked, IStoreFaults faults, ConsumerMonitor monitor, TimeProvider time, RebuildOptions options)
{
    // Pages that are read and decoded ahead of the one being applied.
    private const int PagesAhead = 2;

    /// <param name="projection">Its views of its version; old ones of that version stay, and are brought up to date.</param>
    /// <param name="continuation">Of an earlier run that was stopped; null to begin.</param>
    /// <param name="progress">Told after each page of commits.</param>
    /// <param name="cancellationToken">Stops it; what was written stays.</param>
    public async Task<RebuildProgress> RunAsync(
        IProjection projection, string? continuation, IProgress<RebuildProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(projection);
        BufferedViews buffer = new(views);
        // Of an earlier run, or of a feed at work: then reading a document costs less than being refused to create it.
        bool isFresh = continuation is null && !await HasDocumentsAsync(projection, cancellationToken);
        // What the projector remembers is in the buffer already; it only has to believe that a stream which begins has no view.
        ProjectorOptions projecting = new() { CachedViewBytes = 1, CachedKeys = options.CachedKeys };
        ConsumerRunner runner = RunnerOver(new Projector(store, buffer, faults, time, projecting) { Applied = buffer.Note });
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<Page> pages = Channel.CreateBounded<Page>(PagesAhead);
        Task reading = Task.Run(() => ReadAsync(pages.Writer, continuation, stop.Token), CancellationToken.None);
        RebuildProgress reached = new(0, 0, 0, 0, 0, continuation);
        long eventsAfterRaces = 0;
        try
        {
            await foreach (Page page in pages.Reader.ReadAllAsync(cancellationToken))
            {
                // After a stop, documents may be further than the continuation says, but not by more than was written at once.
                bool believes = isFresh || (continuation is not null && reached.Documents > 0);
                ProjectionResult result = await runner.HandleAsync(projection, page.Deliveries, believes, cancellationToken);
                reached = reached.Add(result) with { Commits = reached.Commits + page.Deliveries.Count };
                if (buffer.Bytes > options.MaxBufferedBytes || page.Next is null)
                {
                    ProjectionResult write = await WriteAsync(projection, buffer, cancellationToken);
                    eventsAfterRaces += write.Events;
                    reached = reached.Add(write) with { Continuation = page.Next };
                }
                reached = reached with { Events = buffer.Events + eventsAfterRaces, Documents = buffer.Written };
                progress?.Report(reached);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Its faults come through the channel.
        }
        return reached;
    }

    private async Task ReadAsync(ChannelWriter<Page> pages, string? continuation, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                CommitLogPage page = await log.ReadPageAsync(stream: null, continuation, options.PageSize, cancellationToken);
                continuation = page.Continuation;
                await pages.WriteAsync(new Page(CommitJson.ReadDeliveries(page.Items), continuation), cancellationToken);
            }
            while (continuation is not null);
            pages.Complete();
        }
        catch (Exception e)
        {
            pages.Complete(e);
            throw;
        }
    }

    /// <summary>
    /// Writes everything gathered. What another writer was faster with is made by the feed's way: the last commit of each stream that had
    /// gone in brings everything before it.
    /// </summary>
    private async Task<ProjectionResult> WriteAsync(IProjection projection, BufferedViews buffer, CancellationToken cancellationToken)
    {
        ProjectionResult sum = ProjectionResult.Nothing;
        Lock gate = new();
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.MaxParallelWrites, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(buffer.Partitions, parallel, async (partition, token) =>
        {
            ViewWrite write = await buffer.WriteAsync(partition, token);
            buffer.Forget(partition);
            lock (gate)
            {
                sum = ProjectionResult.Sum([sum, new ProjectionResult(0, write.IsWritten ? 0 : 1, write.RequestCharge)]);
            }
        });
        ConsumerRunner direct = RunnerOver(new Projector(store, views, faults, time, new ProjectorOptions { CachedViewBytes = 0 }));
        foreach (KeyValuePair<string, long>[] streams in buffer.TakeLost().Chunk(options.PageSize))
        {
            List<Delivery> last = [];
            foreach ((string stream, long version) in streams)
            {
                await foreach (Commit commit in store.ReadAsync(StreamName.Parse(stream), version, cancellationToken))
                {
                    last.Add(Delivery.Of(commit));
                    break;
                }
            }
            sum = ProjectionResult.Sum([sum, await direct.HandleAsync(projection, last, believes: false, cancellationToken)]);
        }
        return sum;
    }

    /// <summary>Whether there is a view already; a document of another kind never is without one for long.</summary>
    private async Task<bool> HasDocumentsAsync(IProjection projection, CancellationToken cancellationToken)
    {
        ViewQuery any = new(projection.Name, projection.Version, ViewKind.View, Key: null, NewestFirst: false, PageSize: 1, Continuation: null);
        return (await views.ListAsync(any, cancellationToken)).Items.Count > 0;
    }

    private ConsumerRunner RunnerOver(Projector projector) => new(projector, parked, time, options.Consuming, monitor);

    private sealed record Page(IReadOnlyList<Delivery> Deliveries, string? Next);
}
