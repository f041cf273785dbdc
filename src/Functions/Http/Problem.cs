using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>One error as a client gets it: problem details of RFC 9457 with a stable code.</summary>
public sealed record Problem(ProblemKind Kind, string Detail)
{
    /// <summary>The kind's name, except for a rejection, where it is the code of the rule.</summary>
    public string Code { get; init; } = Kind.Name;

    /// <summary>What is wrong in detail: JSON paths of the body, or the name of a header or query parameter.</summary>
    public IReadOnlyList<ValidationError> Errors { get; init; } = [];

    public StreamName? Stream { get; init; }

    /// <summary>The version that the stream is at, where it was looked at.</summary>
    public long? Version { get; init; }

    /// <summary>The version that was asked for.</summary>
    public long? WantedVersion { get; init; }

    /// <summary>The id of a command that may or may not have been done: sent again as Idempotency-Key, it is done once.</summary>
    public string? CommandId { get; init; }

    /// <summary>In request units: what the command cost although it failed.</summary>
    public double RequestCharge { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The methods that work at this address, for the header of that name.</summary>
    public string? Allow { get; init; }

    public static Problem InvalidHeader(string name, string message) =>
        new(ProblemKind.InvalidRequest, $"The header {name} is not valid. {message}") { Errors = [new ValidationError(name, message)] };

    public static Problem InvalidQuery(string name, string message) =>
        new(ProblemKind.InvalidRequest, $"The query parameter '{name}' is not valid. {message}") { Errors = [new ValidationError(name, message)] };

    public static Problem UnknownCommand(IAggregateEndpoint aggregate, string command) => new(
        ProblemKind.UnknownCommand,
        $"'{aggregate.Category}' has no command '{command}'. It has: {string.Join(", ", aggregate.Commands.Where(c => !c.IsInternal).Select(c => c.Name))}.");

    public static Problem Methods(string method, string allow) =>
        new(ProblemKind.MethodNotAllowed, $"{method} is not possible here. Possible: {allow}.") { Allow = allow };
}

/// <summary>Ends a request with a problem. For what is found while a request is read; outcomes of commands are values.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}

/// <summary>The body of <c>application/problem+json</c>. Mirrors wire data.</summary>
internal sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Instance,
    string Code,
    IReadOnlyList<ValidationError>? Errors,
    string? Stream,
    long? Version,
    long? WantedVersion,
    string? CommandId,
    string? TraceId);
