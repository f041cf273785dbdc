namespace Serverless.EventSourcing;

/// <summary>
/// Stored read models. Guarantees: a write is atomic over its documents, all of one partition, and conditional on each of them
/// being unchanged since it was read (or absent, when it is new); a read after a write sees it.
/// </summary>
public interface IViewStore
{
    /// <summary>The documents of one partition that exist among <paramref name="ids"/>, in no particular order.</summary>
    Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>Writes all or nothing; nothing when another writer changed one of the documents first.</summary>
    /// <exception cref="ArgumentException">A rule of <see cref="ViewRules"/> is broken. Nothing was written.</exception>
    /// <exception cref="ViewTooLargeException">
    /// The documents exceed <see cref="ViewLimits.MaxWriteBytes"/>, or all of the key's what the store keeps of one. Nothing was written.
    /// </exception>
    Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken);

    /// <summary>Deletes all or nothing; nothing when another writer changed one of the documents first, or it is gone.</summary>
    /// <exception cref="ArgumentException">A rule of <see cref="ViewRules"/> is broken, or a document was never stored. Nothing was deleted.</exception>
    Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken);

    /// <summary>One page of documents of one kind, of one partition or of all partitions of a projection.</summary>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this query.</exception>
    Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken);
}

/// <summary>The named limits of views.</summary>
public static class ViewLimits
{
    /// <summary>Operations in one transactional batch of Cosmos DB.</summary>
    public const int MaxDocumentsPerWrite = 100;

    /// <summary>Bytes of all documents of one write: Cosmos DB's 2 MB less room for the system properties.</summary>
    public const int MaxWriteBytes = 2 * 1024 * 1024 - 16 * 1024;

    /// <summary>Bytes of a key in UTF-8: with the projection's name it is a partition key, which may have 2 KB.</summary>
    public const int MaxKeyBytes = 1024;

    /// <summary>Characters of a document's id.</summary>
    public const int MaxDocumentIdLength = 255;

    public const int MaxPageSize = 200;

    /// <summary>Bytes of data after which a page ends, however many documents it has: as much as the service puts into one answer.</summary>
    public const int MaxPageBytes = 4 * 1024 * 1024;

    public const int DefaultPageSize = 50;
}

/// <summary>
/// The place of a view's documents: projection, its version, and the key of the view. A new version of a projection has a key
/// space of its own, so it can be built while the old one serves.
/// </summary>
public sealed record ViewPartition(string Projection, int Version, string Key)
{
    /// <summary>The stored partition key.</summary>
    public string Value => $"{Projection}@{Version}/{Key}";
}

/// <summary>What a stored document is for.</summary>
public enum ViewKind
{
    /// <summary>The view of a key.</summary>
    View,

    /// <summary>One of many entries under a key.</summary>
    Entry,

    /// <summary>Remembers how far one stream was applied, or searched for its key.</summary>
    Marker,
}

/// <summary>
/// One stored document of a view. <see cref="Seen"/> is its fence: the version of each stream that went into it. Mirrors stored data.
/// </summary>
public sealed record ViewDocument
{
    /// <summary>The id of the one document of kind <see cref="ViewKind.View"/> under a key, unless the key holds several.</summary>
    public const string SingleId = "view";

    public required string Id { get; init; }

    public required ViewKind Kind { get; init; }

    public IReadOnlyDictionary<string, long> Seen { get; init; } = new Dictionary<string, long>();

    /// <summary>The time of the newest commit that was applied, UTC.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>UTF-8 JSON; empty for a marker, unless it notes the key that a stream has named.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>What the store said when the document was read; null for a new document.</summary>
    public string? ETag { get; init; }
}

/// <summary>Charges are in request units, 0 where the store has none.</summary>
public sealed record ViewRead(IReadOnlyList<ViewDocument> Documents, double RequestCharge);

/// <summary>Whether the write happened, or lost a race.</summary>
public sealed record ViewWrite(bool IsWritten, double RequestCharge)
{
    /// <summary>What the store now says of each document written, in their order; empty when it doesn't tell.</summary>
    public IReadOnlyList<string> ETags { get; init; } = [];
}

/// <summary>
/// Documents in order of id under one key. With a <paramref name="Key"/> of null those of all keys of the projection, in an order that
/// is the store's own and does not change from page to page; <paramref name="NewestFirst"/> then means nothing.
/// </summary>
public sealed record ViewQuery(
    string Projection, int Version, ViewKind Kind, string? Key, bool NewestFirst, int PageSize, string? Continuation);

/// <summary>One document with the key it stands under.</summary>
public sealed record ViewItem(string Key, ViewDocument Document);

/// <summary>
/// A page; a continuation of null means that it is the last. It has at least one document if there is one, and may have fewer than its size
/// when they reach <see cref="ViewLimits.MaxPageBytes"/>.
/// </summary>
public sealed record ViewPage(IReadOnlyList<ViewItem> Items, string? Continuation, double RequestCharge);

/// <summary>The documents of one write are larger than one write may be. Nothing was written, and trying again does not help.</summary>
public sealed class ViewTooLargeException : Exception
{
    public ViewTooLargeException(ViewPartition partition, long sizeBytes)
        : this(partition, sizeBytes, $"A write to the view {partition?.Value} has {sizeBytes} bytes; at most {ViewLimits.MaxWriteBytes} fit into one.")
    {
    }

    private ViewTooLargeException(ViewPartition partition, long sizeBytes, string message)
        : base(message)
    {
        Partition = partition;
        SizeBytes = sizeBytes;
    }

    public ViewPartition Partition { get; }

    public long SizeBytes { get; }

    /// <summary>The documents of the key are as much as one key may have in this store, whatever the size of the write.</summary>
    public static ViewTooLargeException PartitionFull(ViewPartition partition, long sizeBytes) =>
        new(partition, sizeBytes, $"The view {partition?.Value} is full: the store has no room for {sizeBytes} bytes more under one key.");
}

/// <summary>A continuation token that this query did not make.</summary>
public sealed class InvalidContinuationException(Exception? inner = null)
    : Exception("The continuation token is not one that this query gave.", inner);
