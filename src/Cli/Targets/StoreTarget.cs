using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Cli.Answers;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>Asks a store directly, with the rules that were compiled into the tool.</summary>
/// <param name="store">Read only, except by an import.</param>
/// <param name="log">The same commits.</param>
/// <param name="aggregates">Bound to the store.</param>
/// <param name="owned">What is to be disposed with it.</param>
internal sealed class StoreTarget(
    IEventStore store, ICommitLog log, FrozenDictionary<string, IAggregateEndpoint> aggregates, IAsyncDisposable? owned = null) : ITarget
{
    public async Task<PastStateDocument> ReadStateAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken)
    {
        StateDocument state = await Require(stream).ReadStateAsync(stream, point, cancellationToken);
        if (state.Version == 0)
        {
            throw point.Instant is { } instant
                ? ToolException.NotFound(string.Create(
                    CultureInfo.InvariantCulture, $"{stream} did not exist at {instant.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}."))
                : Unknown(stream);
        }
        return point.Version is { } version && version > state.Version
            ? throw Beyond(stream, state.Version)
            : new PastStateDocument(stream.Value, state.Version, DocumentMapping.Json(state.State), point.Instant);
    }

    public async IAsyncEnumerable<CommitDocument> ReadCommitsAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _ = Require(stream);
        bool isEmpty = true;
        await foreach (Commit commit in store.ReadAsync(stream, fromVersion, cancellationToken))
        {
            isEmpty = false;
            yield return DocumentMapping.Of(commit);
        }
        if (isEmpty)
        {
            throw await MissingAsync(stream, cancellationToken);
        }
    }

    public async IAsyncEnumerable<ExplainedDocument> ExplainAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool isEmpty = true;
        await foreach (ExplainedEvent explained in Require(stream).ExplainAsync(stream, fromVersion, cancellationToken))
        {
            isEmpty = false;
            yield return DocumentMapping.Of(explained);
        }
        if (isEmpty)
        {
            throw await MissingAsync(stream, cancellationToken);
        }
    }

    public async Task<VerifyDocument> VerifyAsync(StreamName stream, CancellationToken cancellationToken)
    {
        _ = Require(stream);
        CommitChain chain = new();
        BrokenLink? broken = null;
        await foreach (JsonElement item in log.ReadItemsAsync(stream, cancellationToken))
        {
            broken = chain.Next(item);
        }
        return chain.Commits == 0
            ? throw Unknown(stream)
            : new VerifyDocument(
                stream.Value, chain.Commits, broken is null, broken is null ? chain.Hash : null, broken is null ? null : new BrokenLinkDocument(broken.Id, broken.Reason));
    }

    public async ValueTask DisposeAsync()
    {
        if (owned is not null)
        {
            await owned.DisposeAsync();
        }
    }

    private IAggregateHistory Require(StreamName stream) => aggregates.TryGetValue(stream.Category, out IAggregateEndpoint? aggregate)
        ? aggregate.History
        : throw ToolException.NotFound($"There is no '{stream.Category}' here. There is: {string.Join(", ", aggregates.Keys.Order(StringComparer.Ordinal))}.");

    private async Task<ToolException> MissingAsync(StreamName stream, CancellationToken cancellationToken)
    {
        long version = (await store.ReadHeadAsync(stream, cancellationToken)).Version;
        return version == 0 ? Unknown(stream) : Beyond(stream, version);
    }

    private static ToolException Unknown(StreamName stream) => ToolException.NotFound($"There is no {stream.Category} '{stream.Id}'.");

    private static ToolException Beyond(StreamName stream, long version) => ToolException.NotFound($"{stream} ends at version {version}.");
}
