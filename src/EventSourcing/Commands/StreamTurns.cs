namespace Serverless.EventSourcing;

/// <summary>
/// Commands of one stream take turns inside this instance, first come first served, so a hot stream meets conflicts only between
/// instances. A stream holds memory only while somebody is in its queue.
/// </summary>
internal sealed class StreamTurns(int maxQueued)
{
    private readonly Dictionary<StreamName, Queue> queues = [];
    private readonly Lock gate = new();

    /// <summary>Null when the queue is full. Dispose what is returned to let the next one in.</summary>
    public async ValueTask<Turn?> EnterAsync(StreamName stream, CancellationToken cancellationToken)
    {
        Queue? queue;
        lock (gate)
        {
            if (!queues.TryGetValue(stream, out queue))
            {
                queue = new Queue();
                queues.Add(stream, queue);
            }
            if (queue.Members == maxQueued)
            {
                return null;
            }
            queue.Members++;
        }
        try
        {
            await queue.Semaphore.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(stream, queue);
            throw;
        }
        return new Turn(this, stream, queue);
    }

    private void Leave(StreamName stream, Queue queue)
    {
        lock (gate)
        {
            if (--queue.Members == 0)
            {
                queues.Remove(stream);
                queue.Semaphore.Dispose();
            }
        }
    }

    internal sealed class Queue
    {
        public SemaphoreSlim Semaphore { get; } = new(1, 1);

        public int Members { get; set; }
    }

    internal sealed class Turn(StreamTurns turns, StreamName stream, Queue queue) : IDisposable
    {
        public void Dispose()
        {
            queue.Semaphore.Release();
            turns.Leave(stream, queue);
        }
    }
}
