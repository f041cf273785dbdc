using System.Globalization;
using System.Text.Json;
using Serverless.Banking;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using AccountHandler = Serverless.EventSourcing.CommandHandler<
    Serverless.Banking.AccountCommand, Serverless.Banking.AccountState, Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Benchmarks;

/// <summary>A bank of many accounts over many physical partitions, in memory, with all its views.</summary>
internal sealed class ScaleSystem : IAsyncDisposable
{
    /// <summary>How many streams are looked at, of those with one offset.</summary>
    public const int MaxSample = 2_500;

    // Beyond this many streams the views of each would take more memory than there is for this, and totals, one write after the other, too long.
    private const int MaxBuilt = 100_000;

    // The client sends up to 100 writes of one partition together, and what is fewer only after a second.
    private const int WritersPerPartition = 200;

    private const int AccountsPerOwner = 4;
    private const int Seed = 20261123;
    private static readonly Currency Euro = Currency.Parse("EUR");

    private int opened;

    private ScaleSystem(BenchSystem bench, Traffic traffic, int streams, int partitions)
    {
        Bench = bench;
        Traffic = traffic;
        Streams = streams;
        Partitions = partitions;
    }

    /// <summary>The kinds of views: one document per stream, one per group of streams, a list, and totals over all streams.</summary>
    public static IReadOnlyList<IProjection> Projections { get; } =
        [AccountSummaryView.Projection, CustomerPortfolioView.Projection, AccountStatementView.Projection, BankTotalsView.Projection];

    public BenchSystem Bench { get; }

    public Traffic Traffic { get; }

    public int Streams { get; }

    public int Partitions { get; }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Streams:N0} | {Partitions}");

    public static OwnerId OwnerOf(StreamName stream) => OwnerOf(NumberOf(stream));

    /// <summary>Streams that are opened, one commit each, and every view of them.</summary>
    public static async Task<ScaleSystem> StartAsync(int streams, int partitions)
    {
        Traffic traffic = new();
        BenchSystem bench = await BenchSystem.StartAsync(new CosmosEmulatorOptions { PartitionCount = partitions, OnRequest = traffic.Count });
        ScaleSystem system = new(bench, traffic, streams, partitions);
        await Load.RunAsync(streams, partitions * WritersPerPartition, n => system.OpenAsync(StreamOf(n)));
        foreach (IProjection projection in Projections)
        {
            await (streams <= MaxBuilt ? system.BuildAsync(projection)
                : projection == BankTotalsView.Projection ? system.PutTotalsAsync()
                : system.BuildSamplesAsync(projection));
        }
        return system;
    }

    public static StreamName StreamOf(int number) => StreamName.Create(AccountAggregate.Category, $"scale{number:D8}");

    /// <summary>
    /// Streams spread over all there are, no two of one owner, the same ones for the same seed. Two different offsets have none in common.
    /// </summary>
    public StreamName[] Sample(int count, int offset)
    {
        int[] owners = [.. Enumerable.Range(0, Streams / AccountsPerOwner)];
        new Random(Seed).Shuffle(owners);
        return [.. owners.Take(count).Select(owner => StreamOf(owner * AccountsPerOwner + offset))];
    }

    /// <summary>Opens an account by a command on a stream that nothing is known of.</summary>
    public Task OpenNewAsync(AccountHandler handler)
    {
        int number = Streams + Interlocked.Increment(ref opened);
        return Bench.OpenAsync(handler, StreamOf(number), OwnerOf(number));
    }

    public async ValueTask DisposeAsync() => await Bench.DisposeAsync();

    private static int NumberOf(StreamName stream) => int.Parse(stream.Id.AsSpan("scale".Length), CultureInfo.InvariantCulture);

    private static OwnerId OwnerOf(int number) => OwnerId.Parse($"owner{number / AccountsPerOwner:D8}");

    /// <summary>Appended as a command would, but without asking first whether the stream is there.</summary>
    private async Task OpenAsync(StreamName stream)
    {
        int number = NumberOf(stream);
        Commit commit = new()
        {
            Stream = stream,
            FirstVersion = 1,
            Events = [AccountAggregate.Definition.Events.Encode(new AccountOpened(OwnerOf(number), Euro))],
            Metadata = new CommitMetadata
            {
                CommandId = $"open{number:D28}",
                CommandType = "open",
                CommandData = "{}"u8.ToArray(),
                PolicyVersion = "1",
                Actor = "bench",
                CorrelationId = $"open{number:D28}",
                Timestamp = TimeProvider.System.GetUtcNow(),
            },
        };
        if (await Bench.BulkStore.AppendAsync(StreamHead.StartOf(stream), commit, CancellationToken.None) is not AppendResult.Appended)
        {
            throw new InvalidOperationException($"{stream} was there before.");
        }
    }

    private async Task BuildAsync(IProjection projection)
    {
        using ConsumerMonitor monitor = new(TimeProvider.System);
        ProjectionRebuild rebuild = new(
            new CosmosCommitLog(Bench.Events), Bench.Store, Bench.BulkViews, new InMemoryParkedStore(), new CosmosStoreFaults(), monitor, TimeProvider.System,
            new RebuildOptions { MaxParallelWrites = Partitions * WritersPerPartition });
        RebuildProgress end = await rebuild.RunAsync(projection, continuation: null, progress: null, CancellationToken.None);
        if (end.Events != Streams)
        {
            throw new InvalidOperationException($"{projection.FullName} has {end.Events} events of {Streams}.");
        }
    }

    /// <summary>The views of the streams that will be looked at.</summary>
    private async Task BuildSamplesAsync(IProjection projection)
    {
        Projector projector = new(Bench.Store, Bench.Views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
        StreamName[] samples = [.. Enumerable.Range(0, AccountsPerOwner).SelectMany(offset => Sample(MaxSample, offset))];
        await Load.RunAsync(samples.Length, concurrent: 16, async n =>
        {
            await foreach (Commit commit in Bench.Store.ReadAsync(samples[n], fromVersion: 1, CancellationToken.None))
            {
                await projector.ApplyAsync(projection, [commit], CancellationToken.None);
            }
        });
    }

    /// <summary>The totals of accounts that were opened, and a marker for each of them, as the projection leaves them; written side by side.</summary>
    private async Task PutTotalsAsync()
    {
        var totals = BankTotalsView.Projection;
        ViewPartition partition = new(totals.Name, totals.Version, TotalsView<BankTotals, AccountEvent>.PartitionKey);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        BankTotals opened = BankTotals.Initial with { Day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Currency = Euro, AccountsOpened = Streams };
        ViewDocument total = new()
        {
            Id = $"{opened.Day}.{Euro}",
            Kind = ViewKind.View,
            AsOf = now,
            Data = JsonSerializer.SerializeToUtf8Bytes(opened, totals.Json),
        };
        await PutAsync(partition, [total]);
        int[][] batches = [.. Enumerable.Range(0, Streams).Chunk(ViewLimits.MaxDocumentsPerWrite)];
        await Load.RunAsync(batches.Length, concurrent: 16, n => PutAsync(partition, [.. batches[n].Select(MarkerOf)]));

        ViewDocument MarkerOf(int number)
        {
            StreamName stream = StreamOf(number);
            return new ViewDocument
            {
                Id = totals.FenceOf(stream),
                Kind = ViewKind.Marker,
                Seen = new Dictionary<string, long>(StringComparer.Ordinal) { [stream.Value] = 1 },
                AsOf = now,
            };
        }
    }

    private async Task PutAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents)
    {
        if (!(await Bench.Views.TryWriteAsync(partition, documents, CancellationToken.None)).IsWritten)
        {
            throw new InvalidOperationException($"{partition.Value} was there before.");
        }
    }
}
