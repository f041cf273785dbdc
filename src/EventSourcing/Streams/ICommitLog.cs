using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// Commits beside the way that commands and consumers take: as they are stored, for verifying and for copies, and by the conversation
/// they belong to. Elements live until the next one is asked for.
/// </summary>
public interface ICommitLog
{
    /// <summary>The stored items of one stream, in the order of versions; none when it does not exist.</summary>
    IAsyncEnumerable<JsonElement> ReadItemsAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>
    /// The stored items of all streams. Those of one stream come in their order; between streams there is none. What is written
    /// meanwhile may or may not be among them.
    /// </summary>
    IAsyncEnumerable<JsonElement> ReadAllItemsAsync(CancellationToken cancellationToken);

    /// <summary>The commits of one conversation in all streams, by time. It may ask every partition of the store.</summary>
    Task<IReadOnlyList<Commit>> ReadConversationAsync(string correlationId, int limit, CancellationToken cancellationToken);
}
