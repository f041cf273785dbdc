namespace Serverless.FaultHarness;

/// <summary>What a run has in it beyond kills and failing requests.</summary>
[Flags]
internal enum Mixes
{
    None = 0,

    /// <summary>Reads are answered by replicas that lag.</summary>
    Lag = 1 << 0,

    /// <summary>Accounts and transfers with ids as long as an id may be.</summary>
    LongIds = 1 << 1,

    /// <summary>What no consumer and no command can get past.</summary>
    Poison = 1 << 2,

    /// <summary>The clock of the second host is an hour ahead.</summary>
    Clocks = 1 << 3,

    All = Lag | LongIds | Poison | Clocks,
}
