namespace Serverless.Cli;

/// <summary>How the tool ends, for scripts. They are part of its interface: see docs/cli.md.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The question was answered, and the answer is no: a broken link, a command that would be refused, a change that does not fit.</summary>
    public const int No = 1;

    /// <summary>The command line, a file or a body is not what it has to be.</summary>
    public const int Usage = 2;

    /// <summary>The target can't be reached, or lets nobody in with this key.</summary>
    public const int Unreachable = 3;

    /// <summary>There is no such stream, version, conversation, consumer, command.</summary>
    public const int NotFound = 4;

    /// <summary>The target answered with a fault, or the tool has one.</summary>
    public const int Fault = 5;

    /// <summary>Ctrl+C, as shells say it.</summary>
    public const int Interrupted = 130;
}

/// <summary>Ends the tool with one line on standard error.</summary>
internal sealed class ToolException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What the API said, where it was the API.</summary>
    public Answers.ProblemDocument? Problem { get; init; }

    public static ToolException Usage(string message) => new(ExitCodes.Usage, message);

    public static ToolException NotFound(string message) => new(ExitCodes.NotFound, message);
}
