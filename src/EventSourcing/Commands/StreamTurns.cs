namespace Serverless.EventSourcing;

/// <summary>
/// Commands of one stream take turns inside this instance, first come first served, so a hot stream meets conflicts only between
/// instances. Those that wait while a turn is taken take the next one together. A stream holds memory only while somebody is in its queue.
/// </summary>
internal sealed class StreamTurns<T>(int maxQueued, int maxGroup)
    where T : class
{
    private readonly Dictionary<StreamName, Queue> queues = [];
    private readonly Lock gate = new();

    /// <summary>Waits for a turn, or until somebody else has taken it for this member.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited. Once its turn has come it is served all the same.</exception>
    public ValueTask<Turn> EnterAsync(StreamName stream, T member, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (gate)
        {
            if (!queues.TryGetValue(stream, out Queue? queue))
            {
                queues.Add(stream, new Queue { Members = 1 });
                return new(new Turn(TurnKind.Leads, [member]));
            }
            if (queue.Members == maxQueued)
            {
                return new(new Turn(TurnKind.Busy, []));
            }
            queue.Members++;
            waiter = new Waiter(member);
            queue.Waiting.AddLast(waiter.Node);
        }
        return new(WaitAsync(stream, waiter, cancellationToken));
    }

    /// <summary>Ends a turn: who shared it goes on, and the first that waits leads the next one.</summary>
    public void Leave(StreamName stream, Turn turn)
    {
        lock (gate)
        {
            Queue queue = queues[stream];
            foreach (Waiter served in queue.Served)
            {
                served.Turn.TrySetResult(new Turn(TurnKind.Served, []));
            }
            queue.Served.Clear();
            queue.Members -= turn.Group.Count;
            if (queue.Waiting.Count == 0)
            {
                queues.Remove(stream);
                return;
            }
            List<T> group = new(Math.Min(queue.Waiting.Count, maxGroup));
            Waiter leader = queue.Waiting.First!.Value;
            while (group.Count < maxGroup && queue.Waiting.First is { } first)
            {
                queue.Waiting.RemoveFirst();
                group.Add(first.Value.Member);
                if (first.Value != leader)
                {
                    queue.Served.Add(first.Value);
                }
            }
            leader.Turn.SetResult(new Turn(TurnKind.Leads, group));
        }
    }

    private async Task<Turn> WaitAsync(StreamName stream, Waiter waiter, CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                (StreamTurns<T> turns, StreamName stream, Waiter waiter) = ((StreamTurns<T>, StreamName, Waiter))state!;
                turns.GiveUp(stream, waiter);
            },
            (this, stream, waiter));
        return await waiter.Turn.Task;
    }

    private void GiveUp(StreamName stream, Waiter waiter)
    {
        lock (gate)
        {
            if (waiter.Node.List is { } waiting)
            {
                waiting.Remove(waiter.Node);
                queues[stream].Members--;
                waiter.Turn.SetCanceled();
            }
        }
    }

    internal readonly record struct Turn(TurnKind Kind, IReadOnlyList<T> Group);

    private sealed class Queue
    {
        /// <summary>Those that wait, and those whose turn it is.</summary>
        public int Members { get; set; }

        public LinkedList<Waiter> Waiting { get; } = [];

        /// <summary>Those who share the turn of the one that leads.</summary>
        public List<Waiter> Served { get; } = [];
    }

    private sealed class Waiter
    {
        public Waiter(T member)
        {
            Member = member;
            Node = new LinkedListNode<Waiter>(this);
        }

        public T Member { get; }

        public LinkedListNode<Waiter> Node { get; }

        public TaskCompletionSource<Turn> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

internal enum TurnKind
{
    /// <summary>It serves its group, which begins with itself, and then leaves.</summary>
    Leads,

    /// <summary>Another one has served it.</summary>
    Served,

    /// <summary>The queue is full.</summary>
    Busy,
}
