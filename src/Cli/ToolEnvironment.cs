namespace Serverless.Cli;

/// <summary>Everything of the outside world that the tool uses, so that tests can be that world.</summary>
internal sealed record ToolEnvironment
{
    public required Stream Input { get; init; }

    /// <summary>Where <c>export -</c> writes bytes; everything else is text.</summary>
    public required Stream OutputBytes { get; init; }

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public bool IsOutputTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    /// <summary>Environment variables by name.</summary>
    public required Func<string, string?> Variable { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For work that answers as it goes: a bar that moves would be torn apart by answers on the same terminal.</summary>
    public ToolEnvironment WithoutBarBetweenAnswers => this with { IsErrorTerminal = IsErrorTerminal && !IsOutputTerminal };

    public static ToolEnvironment OfThisProcess()
    {
        Stream output = Console.OpenStandardOutput();
        return new()
        {
            Input = Console.OpenStandardInput(),
            OutputBytes = output,
            Output = Console.Out,
            Error = Console.Error,
            IsOutputTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            Variable = Environment.GetEnvironmentVariable,
        };
    }
}
