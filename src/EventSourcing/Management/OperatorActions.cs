namespace Serverless.EventSourcing;

/// <summary>
/// Does what operators ask for, and keeps a record: it is written before anything is done, so that an action that dies with its
/// process is on record too, and completed afterwards. An action that can't be recorded is not done.
/// </summary>
public sealed class OperatorActions(IActionStore store, TimeProvider time)
{
    private const int MaxDetailLength = 500;

    /// <param name="action">What is to be done, as <see cref="New"/> made it.</param>
    /// <param name="run">Does it.</param>
    /// <param name="outcomeOf">Says how it ended, for the record.</param>
    /// <param name="cancellationToken">Ends the action; that it ended is still recorded.</param>
    public async Task<T> RunAsync<T>(
        OperatorAction action, Func<CancellationToken, Task<T>> run, Func<T, ActionOutcome> outcomeOf, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(outcomeOf);
        await store.WriteAsync(action, cancellationToken);
        T result;
        try
        {
            result = await run(cancellationToken);
        }
        catch (Exception e)
        {
            await TryRecordFailureAsync(action, e);
            throw;
        }
        ActionOutcome outcome = outcomeOf(result);
        // Done is done: who hangs up now does not keep it from the record.
        await store.WriteAsync(Complete(action, outcome.Word, outcome.Detail), CancellationToken.None);
        return result;
    }

    /// <summary>A new action by <paramref name="actor"/>, called <paramref name="actorName"/>, beginning now.</summary>
    public OperatorAction New(string kind, string consumer, string actor, string? actorName = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        // Version 7 begins with the time, so ids sort as actions began.
        return new OperatorAction
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Kind = kind,
            Consumer = consumer,
            Actor = actor,
            ActorName = actorName,
            StartedAt = now,
        };
    }

    private async Task TryRecordFailureAsync(OperatorAction action, Exception fault)
    {
        try
        {
            await store.WriteAsync(Complete(action, "failed", ErrorText.Of(fault, MaxDetailLength)), CancellationToken.None);
        }
#pragma warning disable CA1031 // The first fault is the one to tell; the record says that the action began, and no more.
        catch
#pragma warning restore CA1031
        {
        }
    }

    private OperatorAction Complete(OperatorAction action, string outcome, string? detail) =>
        action with { CompletedAt = time.GetUtcNow(), Outcome = outcome, Detail = detail };
}
