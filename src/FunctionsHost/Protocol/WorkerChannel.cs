using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Serverless.FunctionsHost.Protocol;

/// <summary>
/// The one stream of a worker. Questions are matched with answers by their id, so that a late answer is never taken for another question's.
/// When the stream ends, for whatever reason, every open question fails.
/// </summary>
internal sealed class WorkerChannel : IAsyncDisposable
{
    private readonly Channel<StreamMessage> outgoing = Channel.CreateUnbounded<StreamMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamMessage>> open = new();
    private readonly CancellationTokenSource lost = new();
    private long lastId;

    /// <summary>What the worker logs. Set before it is told anything.</summary>
    public Action<LogEntry>? OnLog { get; set; }

    /// <summary>Fires when the stream has ended.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Sends a question and waits for its answer, however long.</summary>
    /// <exception cref="WorkerLostException">The stream ended first.</exception>
    public async Task<StreamMessage> AskAsync(StreamMessage question)
    {
        question.RequestId = Interlocked.Increment(ref lastId).ToString(CultureInfo.InvariantCulture);
        TaskCompletionSource<StreamMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        open[question.RequestId] = answer;
        try
        {
            // Added before the look, and failed after the token has fired: one of the two sees the other.
            if (lost.IsCancellationRequested || !outgoing.Writer.TryWrite(question))
            {
                throw new WorkerLostException();
            }
            return await answer.Task;
        }
        finally
        {
            open.TryRemove(question.RequestId, out _);
        }
    }

    /// <summary>Sends what has no answer. Nothing happens when the stream has ended.</summary>
    public void Tell(StreamMessage message) => outgoing.Writer.TryWrite(message);

    /// <summary>Ends the stream from this side; the worker takes that quietly.</summary>
    public void End() => outgoing.Writer.TryComplete();

    /// <summary>Serves the stream until either side ends it.</summary>
    public async Task RunAsync(PipeReader reader, PipeWriter writer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = ReadAsync(reader, ended.Token);
        Task writing = WriteAsync(writer, ended.Token);
        await Task.WhenAny(reading, writing);
        await ended.CancelAsync();
        await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // A broken stream is an end like any other.
    }

    public async ValueTask DisposeAsync()
    {
        outgoing.Writer.TryComplete();
        await lost.CancelAsync();
        foreach (TaskCompletionSource<StreamMessage> answer in open.Values)
        {
            answer.TrySetException(new WorkerLostException());
        }
    }

    private async Task ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (await GrpcFrames.ReadAsync(reader, cancellationToken) is { } message)
        {
            if (message.ContentCase == StreamMessage.ContentOneofCase.Log)
            {
                OnLog?.Invoke(message.Log);
            }
            else if (open.TryGetValue(message.RequestId, out TaskCompletionSource<StreamMessage>? answer))
            {
                answer.TrySetResult(message);
            }
        }
    }

    private async Task WriteAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        await foreach (StreamMessage message in outgoing.Reader.ReadAllAsync(cancellationToken))
        {
            GrpcFrames.Write(writer, message);
            if (!outgoing.Reader.TryPeek(out _))
            {
                await writer.FlushAsync(cancellationToken);
            }
        }
    }
}
