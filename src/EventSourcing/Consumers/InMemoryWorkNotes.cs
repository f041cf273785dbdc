using System.Collections.Concurrent;

namespace Serverless.EventSourcing;

/// <summary>Notes in this process's memory, which do not outlive it; for tests and for trying a context out.</summary>
public sealed class InMemoryWorkNotes : IWorkNotes
{
    private readonly ConcurrentDictionary<(string Consumer, string Place), WorkNote> notes = [];

    public Task<WorkNote?> ReadAsync(string consumer, string place, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(notes.GetValueOrDefault((consumer, place)));
    }

    public Task WriteAsync(WorkNote note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(note);
        cancellationToken.ThrowIfCancellationRequested();
        notes[(note.Consumer, note.Place)] = note;
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string consumer, string place, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        notes.TryRemove((consumer, place), out _);
        return Task.CompletedTask;
    }
}
