namespace Serverless.EventSourcing;

/// <summary>Operators' actions in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryActionStore : IActionStore
{
    private readonly SortedDictionary<string, OperatorAction> actions = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public Task WriteAsync(OperatorAction action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            actions[KeyOf(action)] = action;
        }
        return Task.CompletedTask;
    }

    public Task<ActionPage> ListAsync(string? consumer, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        string? before = Continuation.Unwrap(QueryOf(consumer), continuation);
        lock (gate)
        {
            List<OperatorAction> page = [.. actions.Values.OrderByDescending(a => a.Id, StringComparer.Ordinal)
                .Where(a => (consumer is null || a.Consumer == consumer) && (before is null || string.CompareOrdinal(a.Id, before) < 0))
                .Take(pageSize + 1)];
            return Task.FromResult(page.Count > pageSize
                ? new ActionPage(page[..pageSize], Continuation.Wrap(QueryOf(consumer), page[pageSize - 1].Id))
                : new ActionPage(page, Continuation: null));
        }
    }

    private static string KeyOf(OperatorAction action) => $"{action.Consumer}\n{action.Id}";

    private static string QueryOf(string? consumer) => $"actions\n{consumer}";
}
