using System.Collections.Frozen;

namespace Serverless.EventSourcing;

/// <summary>Where a process began, and the name under which it is stored: its own, or a former one.</summary>
public sealed record ProcessStart(string StoredName, DateTimeOffset? From)
{
    /// <summary>Whether the events of a commit came before the process and have no effect.</summary>
    public bool IsBefore(Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return commit.Metadata.Timestamp < From;
    }
}

/// <summary>
/// Resolves the start point of every process of a context once, when it first runs, and keeps it. Costs one point read per start of the
/// app.
/// </summary>
public sealed class ProcessStarts(BoundedContext context, IFenceStore fences, TimeProvider time)
{
    private const int MaxAttempts = 10;

    private FrozenDictionary<string, ProcessStart>? known;

    /// <exception cref="UnknownProcessException">A process would begin while the store has fences of one that the context does not know.</exception>
    public async ValueTask<ProcessStart> OfAsync(IProcessManager process, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (known is null)
        {
            await EnsureAsync(cancellationToken);
        }
        return known![process.Name];
    }

    /// <summary>Stores the start point of every process that has none.</summary>
    /// <exception cref="UnknownProcessException">A process would begin while the store has fences of one that the context does not know.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (context.Processes.Count == 0)
        {
            return;
        }
        for (int attempt = 1; known is null; attempt++)
        {
            ConsumerStarts? stored = await fences.ReadStartsAsync(cancellationToken);
            Dictionary<string, ConsumerStart> starts = stored is null ? [] : new(stored.Consumers, StringComparer.Ordinal);
            IProcessManager[] beginning = [.. context.Processes.Where(p => StoredNameOf(p, starts) is null)];
            ThrowIfRenamed(beginning, starts.Keys);
            DateTimeOffset now = time.GetUtcNow();
            foreach (IProcessManager process in beginning)
            {
                starts.Add(process.Name, new ConsumerStart { From = process.Start.At(now), FirstRunAt = now });
            }
            if (beginning.Length == 0
                || await fences.TryWriteStartsAsync(new ConsumerStarts { Consumers = starts, ETag = stored?.ETag }, cancellationToken))
            {
                known = context.Processes.ToFrozenDictionary(p => p.Name, p => Of(StoredNameOf(p, starts)!, starts), StringComparer.Ordinal);
            }
            else if (attempt == MaxAttempts)
            {
                throw new StartContentionException();
            }
        }
    }

    private static ProcessStart Of(string storedName, Dictionary<string, ConsumerStart> starts) => new(storedName, starts[storedName].From);

    private static string? StoredNameOf(IProcessManager process, Dictionary<string, ConsumerStart> starts) =>
        process.FormerNames.Prepend(process.Name).FirstOrDefault(starts.ContainsKey);

    /// <summary>
    /// Only when a process begins: code that has been rolled back does not know newer names either, and begins nothing.
    /// </summary>
    private void ThrowIfRenamed(IProcessManager[] beginning, IEnumerable<string> stored)
    {
        string[] unknown = [.. stored.Where(name => !context.RetiredProcesses.Contains(name)
            && context.Processes.All(p => p.Name != name && !p.FormerNames.Contains(name)))];
        if (beginning.Length > 0 && unknown.Length > 0)
        {
            throw new UnknownProcessException(beginning[0].Name, unknown);
        }
    }
}

/// <summary>
/// A process would begin while the store has fences of another that the code does not know. If it is that process under a new name, it
/// would do everything again.
/// </summary>
public sealed class UnknownProcessException(string process, IReadOnlyList<string> unknown) : ConsumerStoppedException(
    $"The process '{process}' has never run, and the store has fences of a process that this code does not know: {string.Join(", ", unknown)}. "
    + $"If '{process}' is its new name, add FormerNames = [\"{unknown[0]}\"] to it; without that it would send every step again. "
    + $"If '{unknown[0]}' is gone for good, register it with RetireProcess(\"{unknown[0]}\").")
{
    public string Process { get; } = process;

    public IReadOnlyList<string> Unknown { get; } = unknown;
}

/// <summary>Other instances changed the record of start points again and again.</summary>
public sealed class StartContentionException() : DeliverAgainException("The record of where processes start changed again and again. Try again.");
