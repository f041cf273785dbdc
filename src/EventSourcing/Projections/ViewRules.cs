using System.Text;

namespace Serverless.EventSourcing;

/// <summary>What every view store checks, so that no caller can store what another store would refuse.</summary>
public static class ViewRules
{
    /// <exception cref="ArgumentException">Too many documents or none, one of them twice, or an id or key that is not allowed.</exception>
    public static void Check(ViewPartition partition, IReadOnlyList<ViewDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(partition);
        ArgumentNullException.ThrowIfNull(documents);
        if (documents.Count is 0 or > ViewLimits.MaxDocumentsPerWrite)
        {
            throw new ArgumentException(
                $"A write has 1 to {ViewLimits.MaxDocumentsPerWrite} documents; this one to {partition.Value} has {documents.Count}.", nameof(documents));
        }
        if (!IsKey(partition.Key))
        {
            throw new ArgumentException($"The key of a view has 1 to {ViewLimits.MaxKeyBytes} bytes.", nameof(partition));
        }
        HashSet<string> ids = new(documents.Count, StringComparer.Ordinal);
        foreach (ViewDocument document in documents)
        {
            if (!IsDocumentId(document.Id))
            {
                throw new ArgumentException(
                    $"A document id has 1 to {ViewLimits.MaxDocumentIdLength} letters, digits and '.', '_', '~', '-'; '{document.Id}' does not.", nameof(documents));
            }
            if (!ids.Add(document.Id))
            {
                throw new ArgumentException($"The document '{document.Id}' is in one write twice.", nameof(documents));
            }
        }
    }

    /// <exception cref="ArgumentException">As for a write, or a document has no ETag.</exception>
    public static void CheckDelete(ViewPartition partition, IReadOnlyList<ViewDocument> documents)
    {
        Check(partition, documents);
        if (documents.FirstOrDefault(d => d.ETag is null) is { } unknown)
        {
            throw new ArgumentException($"The document '{unknown.Id}' was not read before.", nameof(documents));
        }
    }

    /// <exception cref="ArgumentException">The page size is out of its limits.</exception>
    public static void Check(ViewQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.PageSize is < 1 or > ViewLimits.MaxPageSize)
        {
            throw new ArgumentException($"A page has 1 to {ViewLimits.MaxPageSize} documents, not {query.PageSize}.", nameof(query));
        }
    }

    public static bool IsKey(string? key) => key is { Length: > 0 } && Encoding.UTF8.GetByteCount(key) <= ViewLimits.MaxKeyBytes;

    /// <summary>The characters that survive a URL: a Cosmos DB id is part of one.</summary>
    public static bool IsDocumentId(string? id) =>
        id is { Length: > 0 and <= ViewLimits.MaxDocumentIdLength }
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '~' or '-');
}
