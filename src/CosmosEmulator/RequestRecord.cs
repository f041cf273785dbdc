namespace Serverless.CosmosEmulator;

/// <summary>One request and how it ended, for logs and for tests that count requests. Holds no key and no body.</summary>
public sealed record RequestRecord(string Method, string Target, int Status, int SubStatus, double Charge, int AnswerBytes, TimeSpan Duration)
{
    /// <summary>The status of a request whose connection a fault has dropped.</summary>
    public const int Dropped = 0;
}
