namespace Serverless.FaultHarness.Checks;

/// <summary>Something is not as it was promised; the message is the example.</summary>
public sealed class CounterexampleException(string message) : Exception(message)
{
    public static void ThrowUnless(bool condition, Func<string> example)
    {
        ArgumentNullException.ThrowIfNull(example);
        if (!condition)
        {
            throw new CounterexampleException(example());
        }
    }
}
