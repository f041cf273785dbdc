using System.Text;
using CsCheck;

namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Any streams, delivered to several hosts at once in any batches: twice, out of order, not at all, with faults before and after a
/// write. In the end the last commit of each stream arrives, and every view must hold every event once and in order. A failure prints
/// the case and the seed that repeats it.
/// </summary>
public sealed class ProjectionProperties
{
    private const int Iterations = 300;

    [Fact]
    public void A_document_per_stream() => Check(PurseViews.Document(ViewKey<PurseEvent>.Stream), (world, view) => world.CheckDocuments(view));

    [Fact]
    public void A_document_that_several_streams_share() => Check(PurseViews.Document(PurseViews.ByLabel), (world, view) => world.CheckDocuments(view));

    [Fact]
    public void Entries_per_stream() => Check(PurseViews.Entries(ViewKey<PurseEvent>.Stream), (world, view) => world.CheckEntries(view));

    [Fact]
    public void Entries_that_several_streams_share() => Check(PurseViews.Entries(PurseViews.ByLabel), (world, view) => world.CheckEntries(view));

    [Fact]
    public void Totals_that_all_streams_feed() => Check(PurseViews.Totals, (world, view) => world.CheckTotals(view));

    /// <summary>Batches that a host gets, as numbers of commits; what is delivered and to whom is up to chance.</summary>
    private sealed record Deliveries(
        IReadOnlyList<IReadOnlyList<IReadOnlyList<StoredEvent>>> Streams, int[][][] Hosts, int[] Choices, StoreFault[] Faults, int CachedViewBytes)
    {
        public override string ToString() =>
            $"streams {string.Join(" | ", Streams.Select(s => string.Join(", ", s.Select(c => $"[{string.Join(' ', c.Select(e => $"{e.Type}{Encoding.UTF8.GetString(e.Data.Span)}"))}]"))))}\n"
            + $"hosts {string.Join(" | ", Hosts.Select(h => string.Join(", ", h.Select(b => $"[{string.Join(' ', b)}]"))))}\n"
            + $"order [{string.Join(", ", Choices)}], faults [{string.Join(", ", Faults)}], cache {CachedViewBytes}";
    }

    private static void Check<TView>(TView view, Action<ViewWorld, TView> check)
        where TView : IProjection =>
        SmallCases.Check(
            Cases,
            deliveries =>
            {
                ViewWorld world = new(deliveries.Streams);
                Interleaving steps = new(Order.By(deliveries.Choices));
                int calls = 0;
                SteppedViewStore stepped = new(
                    world.Views, steps, () => calls < deliveries.Faults.Length ? deliveries.Faults[calls++] : StoreFault.None);
                SteppedTime time = new(steps);
                steps.Run(deliveries.Hosts.Select<int[][], Func<Task>>(batches => () => HostAsync(batches)));

                world.Heal(view);
                check(world, view);

                async Task HostAsync(int[][] batches)
                {
                    Projector projector = world.Projector(stepped, time, new ProjectorOptions { MaxLostRaces = 2, MaxParallelPartitions = 3, CachedViewBytes = deliveries.CachedViewBytes });
                    foreach (int[] batch in batches)
                    {
                        try
                        {
                            await projector.ApplyAsync(
                                view, [.. batch.Select(n => world.Commits[n % world.Commits.Count])], CancellationToken.None);
                        }
                        catch (Exception e) when (e is StoreFaultException or ViewContentionException)
                        {
                            // The host dies with the batch; whether it is delivered again is up to chance.
                        }
                    }
                }
            },
            Iterations);

    private static readonly Gen<StoredEvent> Event = Gen.Frequency(
        (6, Gen.Int[0, 9].Select(n => Stored("purse.added", $$"""{"amount":{{n}}}"""))),
        (3, Gen.Int[0, 9].Select(n => Stored("purse.taken", $$"""{"amount":{{n}}}"""))),
        (2, Gen.OneOf("a", "b").Select(text => Stored("purse.labelled", $$"""{"text":"{{text}}"}"""))),
        (1, Gen.Int[0, 9].Select(n => Stored("purse.swapped", $$"""{"out":{{n}},"in":{{n + 1}}}"""))),
        (1, Gen.Const(Stored("purse.polished", "{}"))));

    // Once in a while a commit of more events than one write of a view may have documents.
    private static readonly Gen<StoredEvent[]> CommitEvents = Gen.Frequency(
        (40, Event.Array[1, 4]),
        (2, Gen.Frequency((2, Gen.Int[95, 101]), (1, Gen.Int[102, 210])).Select(count => Enumerable.Range(0, count).Select(n => Stored("purse.added", $$"""{"amount":{{n}}}""")).ToArray())));

    private static readonly Gen<Deliveries> Cases = Gen.Select(
        CommitEvents.Array[1, 6].Array[1, 5],
        Gen.Int[0, 29].Array[1, 6].Array[0, 5].Array[1, 3],
        Gen.Int[0, 5].Array[0, 50],
        Gen.Frequency((8, Gen.Const(StoreFault.None)), (1, Gen.Const(StoreFault.BeforeEffect)), (1, Gen.Const(StoreFault.AfterEffect))).Array[0, 20],
        Gen.OneOf(1_000_000, 1_500, 0), // Everything stays in memory, about one document, or none.
        (streams, hosts, choices, faults, cachedViewBytes) => new Deliveries(streams, hosts, choices, faults, cachedViewBytes));

    private static StoredEvent Stored(string type, string data) => new(type, 1, Encoding.UTF8.GetBytes(data));
}
