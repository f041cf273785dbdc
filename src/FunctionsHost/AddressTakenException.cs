namespace Serverless.FunctionsHost;

/// <summary>Nothing can listen where the functions should: another program does, or the operating system doesn't let this one.</summary>
public sealed class AddressTakenException : Exception
{
    public AddressTakenException(string address, Exception innerException)
        : base($"{address} is taken by another program. Stop it, or choose another port with --port.", innerException) => Address = address;

    internal AddressTakenException(string address, string refusal, Exception innerException)
        : base($"{address} can't be listened on ({refusal}). Choose another port with --port.", innerException) => Address = address;

    public string Address { get; }
}
