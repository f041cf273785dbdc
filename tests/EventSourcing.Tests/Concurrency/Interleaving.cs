namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Runs programs on one thread in an order that the test chooses. Whatever they await comes back here; at each <see cref="StepAsync"/>
/// they stop until they are chosen. The same choices give the same run.
/// </summary>
internal sealed class Interleaving(Func<int, int> choose) : TaskScheduler
{
    private const int MaxSteps = 10_000;

    private readonly Queue<Task> ready = new();
    private readonly List<(string Name, TaskCompletionSource Released)> waiting = [];
    private readonly List<string> trace = [];

    /// <summary>The steps in the order in which they were let go.</summary>
    public IReadOnlyList<string> Trace => trace;

    public Task StepAsync(string name)
    {
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Add((name, released));
        return released.Task;
    }

    public void Run(IEnumerable<Func<Task>> programs)
    {
        // A context of the test framework would get the continuations before any scheduler does.
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Task all = Task.Factory.StartNew(
                () => Task.WhenAll([.. programs.Select(program => program())]), CancellationToken.None, TaskCreationOptions.None, this).Unwrap();
            while (true)
            {
                while (ready.TryDequeue(out Task? work))
                {
                    TryExecuteTask(work);
                }
                if (all.IsCompleted)
                {
                    break;
                }
                ReleaseOne();
            }
            all.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    protected override void QueueTask(Task task) => ready.Enqueue(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => ready;

    private void ReleaseOne()
    {
        if (waiting.Count == 0 || trace.Count == MaxSteps)
        {
            throw new InvalidOperationException(waiting.Count == 0 ? "Deadlock: nobody can go on." : $"No end after {MaxSteps} steps.");
        }
        int index = waiting.Count == 1 ? 0 : choose(waiting.Count);
        (string name, TaskCompletionSource released) = waiting[index];
        waiting.RemoveAt(index);
        trace.Add(name);
        released.SetResult();
    }
}

/// <summary>Ways to choose.</summary>
internal static class Order
{
    /// <summary>By the given numbers, then always the one that waited longest; a shorter list is a simpler order.</summary>
    public static Func<int, int> By(IReadOnlyList<int> choices)
    {
        int next = 0;
        return count => next < choices.Count ? choices[next++] % count : 0;
    }

    /// <summary>Runs a scenario once in each possible order and returns how many there were.</summary>
    public static int Each(Action<Func<int, int>> scenario)
    {
        List<(int Taken, int Of)> path = [];
        for (int runs = 1; ; runs++)
        {
            int depth = 0;
            scenario(count =>
            {
                if (depth == path.Count)
                {
                    path.Add((0, count));
                }
                Assert.Equal(count, path[depth].Of); // Otherwise the scenario is not repeatable.
                return path[depth++].Taken;
            });
            path.RemoveRange(depth, path.Count - depth);
            while (path.Count > 0 && path[^1].Taken + 1 == path[^1].Of)
            {
                path.RemoveAt(path.Count - 1);
            }
            if (path.Count == 0)
            {
                return runs;
            }
            path[^1] = (path[^1].Taken + 1, path[^1].Of);
        }
    }
}

/// <summary>A clock whose timers go off when chosen, however long they were set for.</summary>
internal sealed class SteppedTime(Interleaving steps) : TimeProvider
{
    private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now += TimeSpan.FromMilliseconds(1);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _ = GoOffAsync();
        return new Timer();

        async Task GoOffAsync()
        {
            await steps.StepAsync("wake");
            callback(state);
        }
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
