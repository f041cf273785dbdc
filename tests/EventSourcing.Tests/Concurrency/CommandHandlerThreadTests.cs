using System.Collections.Concurrent;

namespace Serverless.EventSourcing.Tests;

/// <summary>The same promises on real threads, where turns, caches and the store meet themselves.</summary>
public sealed class CommandHandlerThreadTests
{
    private const int Instances = 3;
    private const int Clients = 16;
    private const int CommandsPerClient = 30;

    [Fact]
    public async Task Many_clients_on_one_hot_stream() => await RunAsync(streams: 1);

    [Fact]
    public async Task Many_clients_on_more_streams_than_are_cached() => await RunAsync(streams: 12);

    private static async Task RunAsync(int streams)
    {
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> purse = Purse.With(new SnapshotSchema(1, EveryEvents: 5));
        CommandHandlerOptions options = new() { MaxAttempts = 1_000, FirstBackoff = TimeSpan.FromMilliseconds(1), CachedStateBytes = 5_000 };
        InMemoryEventStore store = new();
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection>[] handlers =
            [.. Enumerable.Range(0, Instances).Select(_ => new CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection>(
                purse, store, TimeProvider.System, options))];
        ConcurrentBag<Attempt> attempts = [];

        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (client, token) =>
        {
            for (int n = 0; n < CommandsPerClient; n++)
            {
                // Every fifth command is sent by two clients under one id.
                string id = n % 5 == 0 ? $"shared{client / 2}.{n}" : $"{client}.{n}";
                PurseCommand command = (n % 3) switch { 0 => new Add(2), 1 => new Take(3), _ => new FillUpTo(4) };
                Send send = new(id, command, Stream: n % streams, Instance: (client + n) % Instances);
                StreamName stream = Purse.Stream($"{send.Stream}");
                StreamTail before = await store.ReadTailAsync(StreamHead.StartOf(stream), id, token);
                CommandOutcome outcome = await handlers[send.Instance].ExecuteAsync(
                    stream, command, new CommandContext { CommandId = id, Actor = "test" }, token);
                attempts.Add(new Attempt(send, stream, before.Head.Version, before.Duplicate, outcome, Fault: null));
            }
        });

        Assert.Equal(Clients * CommandsPerClient, attempts.Count);
        Assert.All(attempts, a => Assert.True(a.Outcome is CommandOutcome.Accepted or CommandOutcome.Rejected, a.ToString()));
        Promises.Check(store, purse, [.. attempts], options);
    }
}
