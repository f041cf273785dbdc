namespace Serverless.Functions.Http;

/// <summary>Every limit of the HTTP surface, by name; those of streams, commits and views are the core's.</summary>
public static class HttpLimits
{
    /// <summary>Bytes of a command's body. Far below what one commit can hold, which also carries the events.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Bytes of the lines that one import brings: room for the largest commit, and for some thousand ordinary ones.</summary>
    public const int MaxImportBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of lines after which an export ends a page. What one read of the store brings is added whole.</summary>
    public const int ExportPageBytes = 2 * 1024 * 1024;

    /// <summary>Commits that one call verifies before it answers with a continuation.</summary>
    public const int VerifiedCommitsPerCall = 10_000;

    /// <summary>Items that a call reads from the store at a time.</summary>
    public const int CommitsPerRead = 1_000;

    /// <summary>After so long a call that walks the store begins no further read. Azure ends an HTTP request after 230 seconds.</summary>
    public static readonly TimeSpan MaxWalk = TimeSpan.FromSeconds(20);

    /// <summary>Characters of <c>X-Correlation-Id</c>: it is stored with every commit, like the command id.</summary>
    public const int MaxCorrelationIdLength = 128;

    /// <summary>Characters of an actor, and of the name beside it, of which the rest is cut off.</summary>
    public const int MaxActorLength = 256;

    /// <summary>Characters of a consumer's name and version in a query.</summary>
    public const int MaxConsumerLength = 128;

    public const int DefaultEventsPerPage = 100;

    public const int MaxEventsPerPage = 1_000;

    /// <summary>Bytes of stored data after which a page of events or commits ends, however many were asked for.</summary>
    public const int PageBytes = 4 * 1024 * 1024;

    /// <summary>Seconds a client is asked to wait when nothing better is known.</summary>
    public const int RetryAfterSeconds = 1;

    /// <summary>Tokens in one <c>?seen=</c>: each names a fence to look at.</summary>
    public const int MaxSeenTokens = 10;

    /// <summary>How long a query waits for a view to see the version it asks for.</summary>
    public static readonly TimeSpan MaxWaitForView = TimeSpan.FromSeconds(5);

    /// <summary>Queries of one instance that may wait for a view at a time. The others are answered at once that the view is behind.</summary>
    public const int MaxWaitingQueries = 200;

    /// <summary>The first wait between two looks at such a view; it doubles each time, up to the longest.</summary>
    public static readonly TimeSpan FirstLookAtView = TimeSpan.FromMilliseconds(10);

    public static readonly TimeSpan LongestLookAtView = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the health check waits for the store.</summary>
    public static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long an instance answers the health check from one look at the store.</summary>
    public static readonly TimeSpan HealthReuse = TimeSpan.FromSeconds(2);

    /// <summary>The same for the ready check, which reads the state of every consumer.</summary>
    public static readonly TimeSpan ReadyReuse = TimeSpan.FromSeconds(15);
}
