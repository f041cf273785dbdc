namespace Serverless.Functions.Projections;

/// <summary>What every change-feed function says about the feed of commits; attributes need constants.</summary>
internal static class CommitFeed
{
    public const string Database = "%CosmosDatabase%";
    public const string Container = "events";
    public const string Leases = "leases";
    public const string Connection = "CosmosDB";

    /// <summary>Wanted, not promised: what was written in one transaction stays together.</summary>
    public const int MaxItems = 1_000;

    /// <summary>Milliseconds between looks at a feed that was empty: how late a view is, against request units of an idle hour.</summary>
    public const int PollDelay = 1_000;

    // A finite number of retries ends with the batch being skipped; without end, nothing is ever lost.
    public const int ForEver = -1;
    public const string FirstDelay = "00:00:01";
    public const string LongestDelay = "00:00:15"; // How long a feed may sleep on after its database is back.
}
