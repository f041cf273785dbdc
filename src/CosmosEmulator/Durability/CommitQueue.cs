namespace Serverless.CosmosEmulator.Durability;

/// <summary>
/// Lets many requests share one transaction. Whoever asks whether its units are safe writes what is waiting, on its own thread; who
/// comes while another writes waits a moment for its turn, by which time others may have added to the same transaction.
/// </summary>
/// <remarks>
/// A commit takes some microseconds, less than it costs to suspend a request and to resume it. Only when it takes long, because the
/// disk is asked to be sure of it or is busy, a request becomes asynchronous.
/// </remarks>
internal sealed class CommitQueue<TUnit>(Action<IReadOnlyList<TUnit>> write)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2);

    private readonly Lock turn = new(); // Held while writing. Taken before the gate.
    private readonly Lock gate = new();
    private Batch waiting = new();
    private Batch? writing;
    private Exception? failure;
    private volatile bool idle = true; // Nothing is waiting or being written, and nothing has failed.

    /// <summary>Takes a unit that is written as a whole or not at all, after all units before it. Never waits for the disk.</summary>
    public void Add(TUnit unit)
    {
        lock (gate)
        {
            waiting.Units.Add(unit);
            idle = false;
        }
    }

    /// <summary>Null if all units added so far are safe, else a task that ends when they are, or with the failure.</summary>
    public Task? WhenSafe()
    {
        if (idle || Last() is not { } mine)
        {
            return null;
        }

        if (turn.TryEnter(Patience))
        {
            try
            {
                WriteWaiting();
            }
            finally
            {
                turn.Exit();
            }
        }
        else if (mine.Claim())
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static queue =>
                {
                    lock (queue.turn)
                    {
                        queue.WriteWaiting();
                    }
                },
                this,
                preferLocal: false);
        }

        return mine.Done.Task.IsCompletedSuccessfully ? null : mine.Done.Task;
    }

    /// <summary>The batch with the newest unit, if it isn't written yet.</summary>
    private Batch? Last()
    {
        lock (gate)
        {
            return failure is not null || waiting.Units.Count > 0 ? waiting : writing;
        }
    }

    private void WriteWaiting()
    {
        Batch batch;
        lock (gate)
        {
            if (failure is not null)
            {
                waiting.End(failure);
                return;
            }

            if (waiting.Units.Count == 0)
            {
                return; // Somebody else has written them.
            }

            batch = writing = waiting;
            waiting = new Batch();
        }

        Exception? problem = null;
        try
        {
            write(batch.Units);
        }
#pragma warning disable CA1031 // Whatever it was, those who wait must hear of it.
        catch (Exception exception)
        {
            problem = exception;
        }
#pragma warning restore CA1031

        lock (gate)
        {
            writing = null;
            failure = problem;
            idle = problem is null && waiting.Units.Count == 0;
        }

        batch.End(problem);
    }

    private sealed class Batch
    {
        private int claimed;

        public List<TUnit> Units { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>True for one caller: the one that sees to it that the batch is written.</summary>
        public bool Claim() => Interlocked.Exchange(ref claimed, 1) == 0;

        public void End(Exception? problem)
        {
            if (problem is null)
            {
                Done.TrySetResult();
            }
            else if (Done.TrySetException(problem))
            {
                _ = Done.Task.Exception; // Perhaps nobody waits.
            }
        }
    }
}
