namespace Serverless.EventSourcing;

/// <summary>
/// Notes of batches that a process has begun, for the process after it: one that is found says that its writer ended in the middle. A
/// write or a deletion that has returned is seen by every later read.
/// </summary>
public interface IWorkNotes
{
    /// <summary>Null when no such batch is under way.</summary>
    Task<WorkNote?> ReadAsync(string consumer, string place, CancellationToken cancellationToken);

    /// <summary>Writes the note, over an older one if there is one.</summary>
    Task WriteAsync(WorkNote note, CancellationToken cancellationToken);

    /// <summary>Does nothing when there is none.</summary>
    Task DeleteAsync(string consumer, string place, CancellationToken cancellationToken);
}

/// <summary>A batch that a process has begun. Mirrors stored data.</summary>
public sealed record WorkNote
{
    public required string Consumer { get; init; }

    /// <summary>Where the batch begins: a feed delivers it again from the same document.</summary>
    public required string Place { get; init; }

    /// <summary>The process that wrote it.</summary>
    public required string Run { get; init; }

    /// <summary>The stream that is handled alone; null while all of the batch is.</summary>
    public string? Stream { get; init; }

    /// <summary>How many processes ended while they handled a stream alone.</summary>
    public IReadOnlyDictionary<string, int> Deaths { get; init; } = new Dictionary<string, int>();
}
