using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost;

/// <summary>A function threw in its worker. Carries what the worker said of it; the stack is the function's own.</summary>
public sealed class FunctionFailedException : Exception
{
    private readonly string stack;

    private FunctionFailedException(string type, string message, string stack)
        : base($"{type}: {message}")
    {
        Type = type;
        this.stack = stack;
    }

    /// <summary>The full name of the exception's type.</summary>
    public string Type { get; }

    public override string StackTrace => stack;

    internal static FunctionFailedException From(Fault? fault) =>
        new(fault?.Type is { Length: > 0 } type ? type : "Exception", fault?.Message ?? "The worker did not say why.", fault?.StackTrace ?? "");
}
