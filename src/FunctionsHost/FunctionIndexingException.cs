namespace Serverless.FunctionsHost;

/// <summary>The functions of the application can't all run as they are written. Names every fault that was found.</summary>
public sealed class FunctionIndexingException : Exception
{
    public FunctionIndexingException(IReadOnlyList<string> faults)
        : base($"The function app can't start:{Environment.NewLine}{string.Join(Environment.NewLine, faults.Select(fault => "  " + fault))}") =>
        Faults = faults;

    public IReadOnlyList<string> Faults { get; }
}
