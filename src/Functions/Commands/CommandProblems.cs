using System.Diagnostics;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Commands;

/// <summary>What a client is told when a command was not done.</summary>
internal static class CommandProblems
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds);

    public static Problem Of(CommandOutcome outcome, ReadOnlySpan<byte> body)
    {
        Problem problem = outcome switch
        {
            CommandOutcome.Rejected o => new Problem(ProblemKind.CommandRejected, o.Reason.Message) { Code = o.Reason.Code },
            CommandOutcome.WrongVersion o => new Problem(
                ProblemKind.PreconditionFailed,
                o.Expected == 0 ? $"{o.Stream} exists already." : $"{o.Stream} is at version {o.Actual}, not at {o.Expected}."),
            CommandOutcome.Contended o => new Problem(
                ProblemKind.Contention, $"Others wrote to {o.Stream} first, {o.Attempts} times. Nothing was written; send the command again.")
            { RetryAfter = RetryAfter },
            CommandOutcome.Busy o => new Problem(
                ProblemKind.Busy, $"{o.QueueLimit} commands wait for {o.Stream} here already. Nothing was tried; send the command again.")
            { RetryAfter = RetryAfter },
            CommandOutcome.CommandIdReused o => new Problem(
                ProblemKind.IdempotencyKeyReused,
                $"'{o.CommandId}' was used before, for another '{o.FirstCommandType}'. Nothing was written; take a new key for each command."),
            CommandOutcome.TooLarge o => new Problem(ProblemKind.CommitTooLarge, $"{o.Detail} Nothing was written."),
            CommandOutcome.Invalid o => Invalid(o, body),
            _ => throw new UnreachableException($"No problem for {outcome.GetType().Name}."),
        };
        return problem with { Stream = outcome.Stream, Version = outcome.StreamVersion, RequestCharge = outcome.RequestCharge };
    }

    /// <summary>The same for a command that was not sent directly, and whose body was read before.</summary>
    public static Rejection ReasonOf(CommandOutcome outcome)
    {
        Problem problem = Of(outcome, "{}"u8);
        return new Rejection(problem.Code, problem.Detail);
    }

    private static Problem Invalid(CommandOutcome.Invalid outcome, ReadOnlySpan<byte> body) =>
        RequestBody.FindSyntaxError(body) is { } error
            ? new Problem(ProblemKind.MalformedJson, error.Message) { Errors = [error] }
            : new Problem(ProblemKind.InvalidCommand, string.Join(" ", outcome.Errors.Select(e => $"{e.Path}: {e.Message}"))) { Errors = outcome.Errors };
}
