namespace Serverless.Functions.Http;

/// <summary>Every limit of the HTTP surface, by name; those of streams, commits and views are the core's.</summary>
public static class HttpLimits
{
    /// <summary>Bytes of a command's body. Far below what one commit can hold, which also carries the events and a snapshot.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Characters of <c>X-Correlation-Id</c>: it is stored with every commit, like the command id.</summary>
    public const int MaxCorrelationIdLength = 128;

    /// <summary>Characters of a principal's name that are kept as the actor of a commit.</summary>
    public const int MaxActorLength = 256;

    /// <summary>Characters of a consumer's name and version in a query.</summary>
    public const int MaxConsumerLength = 128;

    public const int DefaultEventsPerPage = 100;

    public const int MaxEventsPerPage = 1_000;

    /// <summary>Seconds a client is asked to wait when nothing better is known.</summary>
    public const int RetryAfterSeconds = 1;

    /// <summary>Tokens in one <c>?seen=</c>: each names a fence to look at.</summary>
    public const int MaxSeenTokens = 10;

    /// <summary>How long a query waits for a view to see the version it asks for.</summary>
    public static readonly TimeSpan MaxWaitForView = TimeSpan.FromSeconds(5);

    /// <summary>The first wait between two looks at such a view; it doubles each time, up to the longest.</summary>
    public static readonly TimeSpan FirstLookAtView = TimeSpan.FromMilliseconds(10);

    public static readonly TimeSpan LongestLookAtView = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the health check waits for the store.</summary>
    public static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);
}
