namespace Serverless.EventSourcing;

/// <summary>Every limit of the core, by name. Cosmos DB sets the outer ones: 2 MB an item, 1,023 bytes an id.</summary>
public static class Limits
{
    /// <summary>Characters of a category: a lower-case letter, then lower-case letters and digits.</summary>
    public const int MaxCategoryLength = 40;

    /// <summary>Characters of the id part of a stream name: letters, digits and <c>. _ ~ -</c>.</summary>
    public const int MaxStreamIdLength = 128;

    /// <summary>Characters of a command id, which is the client's <c>Idempotency-Key</c> if it sent one.</summary>
    public const int MaxCommandIdLength = 128;

    /// <summary>Characters of the name of a projection, a process or a step: a lower-case letter, then lower-case letters, digits and hyphens.</summary>
    public const int MaxConsumerNameLength = 40;

    /// <summary>Events that one command may write. More is a sign of a stream that should be several.</summary>
    public const int MaxEventsPerCommit = 1_000;

    /// <summary>Commits that one transaction writes: the 100 operations of Cosmos DB less one for the snapshot.</summary>
    public const int MaxCommitsPerAppend = 99;

    /// <summary>Bytes of one stored commit: Cosmos DB's 2 MB less room for the system properties.</summary>
    public const int MaxCommitBytes = 2 * 1024 * 1024 - 16 * 1024;

    /// <summary>Bytes of one serialized snapshot; a larger state is not snapshotted and its stream is folded from the start.</summary>
    public const int MaxSnapshotBytes = 512 * 1024;

    /// <summary>
    /// Levels of arrays and objects in the data of an event, a command, a state or a view. Most JSON readers stop at 64, and what carries
    /// the data around has levels of its own.
    /// </summary>
    public const int MaxJsonDepth = 48;

    /// <summary>The highest version of a stream: commit ids are its first event's version in ten digits.</summary>
    public const long MaxVersion = 9_999_999_999;
}
