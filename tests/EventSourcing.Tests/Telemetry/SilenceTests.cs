namespace Serverless.EventSourcing.Tests;

/// <summary>Runs when no other test does, since a listener anywhere in the process is a listener.</summary>
[CollectionDefinition(nameof(Silence), DisableParallelization = true)]
public sealed class Silence;

[Collection(nameof(Silence))]
public sealed class SilenceTests
{
    private const int Commands = 2_000;

    [Fact]
    public void A_command_allocates_for_telemetry_only_while_somebody_listens()
    {
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> handler =
            new(Purse.Definition, new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions());
        BytesPerCommand(handler, "warm-up");

        double before = BytesPerCommand(handler, "before");
        double listenedTo;
        using (Listening listening = new("nobody"))
        {
            listenedTo = BytesPerCommand(handler, "during");
        }
        double after = BytesPerCommand(handler, "after");

        // Less it may be, since code is compiled anew while it runs.
        Assert.True(after <= before + 1 && listenedTo > before + 64, $"{before} and {after} bytes in silence, {listenedTo} while somebody listens.");
    }

    /// <summary>Every command is refused, on a stream of its own: nothing is stored whose growth would count.</summary>
    private static double BytesPerCommand(CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> handler, string name)
    {
        StreamName stream = Purse.Stream(name);
        Take take = new(1);
        CommandContext context = new() { CommandId = "c", Actor = "test", MayBeRepeated = false };
        Run(1);
        long start = GC.GetAllocatedBytesForCurrentThread();
        Run(Commands);
        return (GC.GetAllocatedBytesForCurrentThread() - start) / (double)Commands;

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.True(handler.ExecuteAsync(stream, take, context, CancellationToken.None).IsCompletedSuccessfully);
            }
        }
    }
}
