namespace Serverless.CosmosEmulator.Durability;

/// <summary>
/// Lets many requests share one transaction. Whoever first asks when its units are safe writes what is waiting, on its own thread
/// and without a switch to another; what others add meanwhile is the next transaction.
/// </summary>
internal sealed class CommitQueue<TUnit>(Action<IReadOnlyList<TUnit>> write)
{
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
        if (idle)
        {
            return null;
        }

        Batch mine;
        lock (gate)
        {
            if (failure is not null)
            {
                return Task.FromException(failure);
            }

            if (waiting.Units.Count == 0)
            {
                return writing?.Done.Task;
            }

            if (writing is not null)
            {
                return waiting.Done.Task;
            }

            mine = StartWriting();
        }

        Write(mine);
        return mine.Done.Task.IsCompletedSuccessfully ? null : mine.Done.Task;
    }

    private Batch StartWriting()
    {
        Batch batch = waiting;
        (writing, waiting) = (batch, new Batch());
        return batch;
    }

    private void Write(Batch batch)
    {
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

        Batch? next = null;
        Batch? lost = null;
        lock (gate)
        {
            writing = null;
            failure = problem;
            if (problem is not null)
            {
                lost = waiting;
            }
            else if (waiting.Units.Count > 0)
            {
                next = StartWriting();
            }

            idle = problem is null && next is null;
        }

        if (next is not null)
        {
            // On another thread: this one has an answer to give.
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Queue.Write(state.Next), (Queue: this, Next: next), preferLocal: false);
        }

        batch.End(problem);
        lost?.End(problem);
    }

    private sealed class Batch
    {
        public List<TUnit> Units { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End(Exception? problem)
        {
            if (problem is null)
            {
                Done.SetResult();
            }
            else
            {
                Done.SetException(problem);
                _ = Done.Task.Exception; // Perhaps nobody waits.
            }
        }
    }
}
