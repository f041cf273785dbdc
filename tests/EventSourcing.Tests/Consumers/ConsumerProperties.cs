using System.Globalization;
using System.Text;
using CsCheck;

namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Any streams, some with events at which today's code fails, delivered to several hosts at once. A host holds a batch until it is
/// handled and gets it again after a fault. It dies at any call to a store, before or after its effect, and starts again with nothing
/// but what is stored. Batches come twice, in any order, or not at all; in the end the newest commit of each stream arrives. Then every
/// view must hold every event once and in order, up to where its stream is parked; and with the code repaired, all of them. A failure
/// prints a case made as small as it gets, with the seed that repeats it.
/// </summary>
public sealed class ConsumerProperties
{
    private static readonly ConsumerMonitor Monitor = new(TimeProvider.System);

    private const int Iterations = 300;
    private const int Unlucky = 13;

    [Fact]
    public void A_document_per_stream() => Check(throwsAt => FailingViews.Log(throwsAt));

    [Fact]
    public void A_document_that_several_streams_share() => Check(throwsAt => FailingViews.Log(PurseViews.ByLabel, throwsAt));

    [Fact]
    public void The_steps_of_a_process() => SmallCases.Check(
        Cases,
        @case =>
        {
            ViewWorld world = new(@case.Streams);
            InMemoryParkedStore records = new();
            // One partition at a time: side by side they would wait for their turn at the target, which is no step.
            InMemoryFenceStore fences = new();
            Run(@case, world, records, (host, store, time) => Copying(store, host.Over(fences), time), maxParallelPartitions: 1);
            ProcessConsumer last = Copying(world.Store, fences, TimeProvider.System);
            Deliver(Runner(world, records), last, world.Streams.Select(s => s[^1]));

            Commit[] copies = [.. world.Store.LoadAsync(Purse.Stream("target"), snapshotSchema: null, CancellationToken.None).GetAwaiter().GetResult().Commits];
            IEnumerable<string> steps = world.Streams.SelectMany(s => s).SelectMany(PurseViews.Codec.Envelopes)
                .Where(e => e.Event is Added).Select(e => $"~process/copy/{e.EventId}/copied");
            Assert.Empty(Records(records, last));
            Assert.Equal(Lines(steps), Lines(copies.Select(c => c.Metadata.CommandId)));
            foreach (IGrouping<string, decimal> stream in copies.Select(c => c.Metadata.CausationId!.Split('/')).GroupBy(id => id[0], id => decimal.Parse(id[1], CultureInfo.InvariantCulture)))
            {
                Assert.Equal(stream.Order(), stream); // In the order in which the stream has them.
            }
        },
        Iterations);

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    /// <summary>Who gets what, and what goes wrong; hosts, batches and commits as numbers.</summary>
    private sealed record Case(
        IReadOnlyList<IReadOnlyList<IReadOnlyList<StoredEvent>>> Streams, int[][][] Hosts, int[] Choices, Accident[] Accidents)
    {
        public override string ToString() =>
            $"streams {string.Join(" | ", Streams.Select(s => string.Join(", ", s.Select(c => $"[{string.Join(' ', c.Select(e => $"{e.Type}{Encoding.UTF8.GetString(e.Data.Span)}"))}]"))))}\n"
            + $"hosts {string.Join(" | ", Hosts.Select(h => string.Join(", ", h.Select(b => $"[{string.Join(' ', b)}]"))))}\n"
            + $"order [{string.Join(", ", Choices)}], accidents [{string.Join(", ", Accidents)}]";
    }

    private static void Check(Func<int[], DocumentView<EventLog, PurseEvent>> view) => SmallCases.Check(
        Cases,
        @case =>
        {
            ViewWorld world = new(@case.Streams);
            InMemoryParkedStore records = new();
            DocumentView<EventLog, PurseEvent> broken = view([Unlucky]);
            Run(@case, world, records, (_, _, _) => broken);
            Deliver(Runner(world, records), broken, world.Streams.Select(s => s[^1]));

            world.CheckDocuments(broken, stream => [.. stream.TakeWhile(c => !IsUnlucky(c))]);
            CheckParked(world, records, broken);

            DocumentView<EventLog, PurseEvent> repaired = view([]);
            ParkedStreams retries = new(world.Projector(), world.Store, (ICommitLog)world.Store, records, TimeProvider.System, ConsumerWorld.Options, Monitor);
            retries.RetryAllAsync(repaired, onlyDue: false, CancellationToken.None).GetAwaiter().GetResult(); // It is in memory.

            world.CheckDocuments(repaired);
            Assert.Empty(Records(records, repaired));
        },
        Iterations);

    private static void CheckParked(ViewWorld world, InMemoryParkedStore records, DocumentView<EventLog, PurseEvent> view)
    {
        Dictionary<string, ParkedStream> parked = Records(records, view).ToDictionary(r => r.Stream);
        Commit[][] waiting = [.. world.Streams.Where(s => s.Any(IsUnlucky) && (view.KeyOf(s[0].Stream) ?? s.Select(view.KeyOf).FirstOrDefault(k => k is not null)) is not null)];
        Assert.Equal(waiting.Select(s => s[0].Stream.Value).Order(StringComparer.Ordinal), parked.Keys.Order(StringComparer.Ordinal));
        foreach (Commit[] stream in waiting)
        {
            ParkedStream record = parked[stream[0].Stream.Value];
            Commit unlucky = stream.First(IsUnlucky);
            Assert.Equal(ParkedStatus.Parked, record.Status);
            Assert.InRange(record.FromVersion, unlucky.FirstVersion, unlucky.LastVersion);
            Assert.Equal(stream[^1].LastVersion, record.ThroughVersion);
        }
    }

    /// <summary>All hosts side by side, through all their lives.</summary>
    private static void Run(Case @case, ViewWorld world, InMemoryParkedStore records, Func<MortalHost, IEventStore, TimeProvider, IConsumer> consumer,
        int maxParallelPartitions = 3)
    {
        Interleaving steps = new(Order.By(@case.Choices));
        SteppedTime time = new(steps);
        int calls = 0;
        steps.Run(@case.Hosts.Select<int[][], Func<Task>>(batches => () => HostAsync(batches)));

        async Task HostAsync(int[][] batches)
        {
            foreach ((int n, int[] batch) in batches.Index())
            {
                int[] next = batch;
                for (bool isHandled = false; !isHandled;)
                {
                    MortalHost host = new(steps, () => calls < @case.Accidents.Length ? @case.Accidents[calls++] : Accident.None);
                    isHandled = await LifeAsync(host, [.. next.Select(i => Delivery.Of(world.Commits[i % world.Commits.Count]))]);
                    // After a start the feed may give more at once than the batch that was lost.
                    next = [.. batch, .. n + 1 < batches.Length ? batches[n + 1] : []];
                }
            }
        }

        // Attempts at one batch, without end, as the retry policy of the trigger; false when the host died over it.
        async Task<bool> LifeAsync(MortalHost host, IReadOnlyList<Delivery> deliveries)
        {
            IEventStore store = host.Over(world.Store);
            ProjectorOptions options = new() { MaxLostRaces = 2, MaxParallelPartitions = maxParallelPartitions };
            ConsumerRunner runner = new(
                new Projector(store, host.Over(world.Views), new NetworkFaults(), time, options), host.Over(records), time, ConsumerWorld.Options, Monitor);
            IConsumer own = consumer(host, store, time);
            while (true)
            {
                Task handling = runner.HandleAsync(own, deliveries, CancellationToken.None);
                if (await Task.WhenAny(handling, host.Death) == host.Death)
                {
                    return false;
                }
                try
                {
                    await handling;
                    return true;
                }
                catch (Exception e) when (e is StoreFaultException or ViewContentionException or ProcessContentionException)
                {
                    // The batch is not acknowledged.
                }
            }
        }
    }

    private static void Deliver(ConsumerRunner runner, IConsumer consumer, IEnumerable<Commit> commits) =>
        runner.HandleAsync(consumer, [.. commits.Select(Delivery.Of)], CancellationToken.None).GetAwaiter().GetResult(); // It is in memory.

    private static ConsumerRunner Runner(ViewWorld world, InMemoryParkedStore records) =>
        new(world.Projector(), records, TimeProvider.System, ConsumerWorld.Options, Monitor);

    private static IReadOnlyList<ParkedStream> Records(InMemoryParkedStore records, IConsumer consumer) =>
        records.ListAsync(consumer.FullName, 100, continuation: null, CancellationToken.None).GetAwaiter().GetResult().Items; // It is in memory.

    private static ProcessConsumer Copying(IEventStore store, IFenceStore fences, TimeProvider time)
    {
        ProcessManager<PurseEvent> copy = new()
        {
            Name = "copy",
            Version = 1,
            Start = StartPoint.FromBeginning,
            Steps = ["copied"],
            Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
            React = envelope => envelope.Event is Added e ? [new ProcessStep("copied", Purse.Stream("target"), new Add(e.Amount + 1))] : [],
        };
        AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection> target =
            new(Purse.Definition, store, time, new CommandHandlerOptions());
        return ConsumerWorld.Process(copy, target, fences, time);
    }

    private static bool IsUnlucky(Commit commit) => PurseViews.Codec.Envelopes(commit).Any(e => e.Event is Added { Amount: Unlucky });

    private static readonly Gen<StoredEvent> Event = Gen.Frequency(
        (8, Gen.Int[0, 9].Select(n => Stored("purse.added", $$"""{"amount":{{n}}}"""))),
        (1, Gen.Const(Stored("purse.added", $$"""{"amount":{{Unlucky}}}"""))),
        (3, Gen.OneOf("a", "b").Select(text => Stored("purse.labelled", $$"""{"text":"{{text}}"}"""))),
        (1, Gen.Int[0, 9].Select(n => Stored("purse.swapped", $$"""{"out":{{n}},"in":{{n + 1}}}"""))));

    private static readonly Gen<Accident> AnyAccident = Gen.Frequency(
        (12, Gen.Const(Accident.None)), (1, Gen.Const(Accident.FaultBefore)), (1, Gen.Const(Accident.FaultAfter)),
        (1, Gen.Const(Accident.DeathBefore)), (1, Gen.Const(Accident.DeathAfter)));

    private static readonly Gen<Case> Cases = Gen.Select(
        Event.Array[1, 3].Array[1, 5].Array[1, 4],
        Gen.Int[0, 19].Array[1, 5].Array[0, 4].Array[1, 3],
        Gen.Int[0, 5].Array[0, 50],
        AnyAccident.Array[0, 40],
        (streams, hosts, choices, accidents) => new Case(streams, hosts, choices, accidents));

    private static StoredEvent Stored(string type, string data) => new(type, 1, Encoding.UTF8.GetBytes(data));
}
