using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>How the execution of one command ended.</summary>
public enum InboxExecution
{
    /// <summary>It has its outcome, from here.</summary>
    Settled,

    /// <summary>It had its outcome already, or has even outlived it.</summary>
    Done,

    /// <summary>It waits still: its stream was too busy. No outcome.</summary>
    Contended,
}

/// <summary>A command that could not be decided, for the log: its outcome tells its sender nothing of the inside.</summary>
public sealed record InboxFailure(StreamName Stream, string CommandId, string CorrelationId, Exception Error);

/// <summary>
/// Executes one command of the inbox and records what came of it. Delivered twice, or to two hosts at once, it is committed at most
/// once, by its id; its commit counts for more than any other outcome.
/// </summary>
public sealed class InboxExecutor(
    IReadOnlyDictionary<string, IAggregateEndpoint> aggregates, IInboxStore inbox, IStoreFaults faults, TimeProvider time, InboxOptions options,
    Func<CommandOutcome, Rejection> reasonOf)
{
    /// <summary>The code of a command that failed.</summary>
    public const string FailedCode = "command-failed";

    private static readonly Rejection Failed = new(
        FailedCode, "The command could not be decided: the service failed each time. It has been logged under the correlation id.");

    /// <summary>Faults of the store are thrown: they are no outcome, and the command still waits.</summary>
    public async Task<(InboxExecution Result, InboxFailure? Failure)> ExecuteAsync(InboxChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        InboxCommand? taken = null;
        using Activity? span = ConsumerTrace.Inbox(change.Stream);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                CommandOutcome outcome = await DecideAsync(change, OnTaken, cancellationToken);
                return (outcome, taken) switch
                {
                    (CommandOutcome.Busy or CommandOutcome.Contended, _) => (InboxExecution.Contended, null),
                    (CommandOutcome.Withdrawn, _) or (_, null) => (InboxExecution.Done, null),
                    (_, { } item) => (await SettleAsync(item, OutcomeOf(outcome), cancellationToken), null),
                };
            }
            catch (Exception e) when (!faults.MustRetry(e))
            {
                if (attempt >= options.MaxAttempts || e is ForgedCommandException)
                {
                    span.Fail(e);
                    return await FailAsync(change, e, cancellationToken);
                }
                await Task.Delay(ConsumerRunner.Backoff(options.FirstBackoff, TimeSpan.MaxValue, attempt), time, cancellationToken);
            }
        }

        void OnTaken(InboxCommand item)
        {
            taken = item;
            ConsumerTrace.Taken(span, item);
        }
    }

    private async Task<CommandOutcome> DecideAsync(InboxChange change, Action<InboxCommand> onTaken, CancellationToken cancellationToken)
    {
        if (aggregates.TryGetValue(change.Stream.Category, out IAggregateEndpoint? aggregate))
        {
            return await aggregate.ExecuteAsync(change.Stream, TakeAsync, cancellationToken);
        }
        return await TakeAsync(cancellationToken) is null
            ? new CommandOutcome.Withdrawn(change.Stream, 0)
            : new CommandOutcome.Invalid(change.Stream, [new ValidationError("$", $"There is no '{change.Stream.Category}' any more.")]);

        async Task<StoredCommand?> TakeAsync(CancellationToken token)
        {
            if (await ReadAsync(change, token) is not { Outcome: null } item)
            {
                return null;
            }
            if (item.IsForged)
            {
                throw new ForgedCommandException(item.Stream, item.CommandId);
            }
            onTaken(item);
            return new StoredCommand(item.CommandType, item.CommandData, new CommandContext
            {
                CommandId = item.CommandId,
                ExpectedVersion = item.ExpectedVersion,
                Actor = item.Actor,
                ActorName = item.ActorName,
                CorrelationId = item.CorrelationId,
                TraceParent = item.TraceParent,
            });
        }
    }

    /// <exception cref="InboxCommandUnseenException">It was delivered, but this store does not show it yet.</exception>
    private async Task<InboxCommand?> ReadAsync(InboxChange change, CancellationToken cancellationToken)
    {
        InboxCommand? item = await inbox.ReadAsync(change.Stream, change.Id, cancellationToken);
        // Only an outcome expires, so what was added a short time ago is there, and a replica that does not know it is behind.
        return item is null && time.GetUtcNow() - change.ChangedAt < options.KeepOutcomes / 2
            ? throw new InboxCommandUnseenException(change.Stream, change.Id)
            : item;
    }

    private InboxOutcome OutcomeOf(CommandOutcome outcome) => new()
    {
        Status = outcome is CommandOutcome.Accepted ? InboxStatus.Accepted : InboxStatus.Rejected,
        DecidedAt = time.GetUtcNow(),
        Version = outcome.StreamVersion,
        FirstVersion = (outcome as CommandOutcome.Accepted)?.Commit?.FirstVersion,
        WasRepeated = outcome is CommandOutcome.Accepted { WasRepeated: true },
        Reason = outcome is CommandOutcome.Accepted ? null : reasonOf(outcome),
        RequestCharge = outcome.RequestCharge,
    };

    private async Task<InboxExecution> SettleAsync(InboxCommand item, InboxOutcome outcome, CancellationToken cancellationToken)
    {
        while (!await inbox.TrySettleAsync(item, outcome, options.KeepOutcomes, cancellationToken))
        {
            // Another host settled it. If it committed nothing and we did, then there is a commit.
            InboxCommand? other = await inbox.ReadAsync(item.Stream, item.Id, cancellationToken);
            if (other is null || other.IsForged != item.IsForged || (other.Outcome is { } known && (known.FirstVersion is not null || outcome.FirstVersion is null)))
            {
                return InboxExecution.Done;
            }
            item = other;
        }
        return InboxExecution.Settled;
    }

    /// <summary>Those after it go on: they are as independent of it as commands that are sent directly.</summary>
    internal async Task<(InboxExecution, InboxFailure?)> FailAsync(InboxChange change, Exception error, CancellationToken cancellationToken)
    {
        InboxCommand? item;
        try
        {
            // Read again, since the state may have failed to load before the command was even asked for.
            item = await ReadAsync(change, cancellationToken);
        }
        catch (Exception e) when (!faults.MustRetry(e))
        {
            // The item itself can't be read, so it can't be settled: it is passed over, and the log says so.
            return (InboxExecution.Done, new InboxFailure(change.Stream, change.Id, CorrelationId: "", e));
        }
        if (item is not { Outcome: null })
        {
            return (InboxExecution.Done, null);
        }
        InboxOutcome outcome = item.IsForged
            ? InboxOutcome.Forged(time.GetUtcNow())
            : new() { Status = InboxStatus.Failed, DecidedAt = time.GetUtcNow(), Reason = Failed };
        return (await SettleAsync(item, outcome, cancellationToken), new InboxFailure(item.Stream, item.CommandId, item.CorrelationId, error));
    }
}

/// <summary>A command was delivered that the store does not show, not even as settled; the batch is to be delivered again.</summary>
public sealed class InboxCommandUnseenException(StreamName stream, string id)
    : DeliverAgainException($"The command '{id}' for {stream} was delivered, but can't be read yet.")
{
    public StreamName Stream { get; } = stream;

    public string Id { get; } = id;
}

/// <summary>A command in the inbox was not written by a program that has its keys. Somebody else can write to the store.</summary>
public sealed class ForgedCommandException(StreamName stream, string commandId)
    : Exception($"The command '{commandId}' for {stream} is not authentic: this app did not write it, or it was changed afterwards. Find out who can write to the database.")
{
    public StreamName Stream { get; } = stream;

    public string CommandId { get; } = commandId;
}
