using System.Buffers;
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
/// <param name="actions">What operators did; imports are added.</param>
/// <param name="refused">Commands that were refused.</param>
/// <param name="build">Builds versions of projections.</param>
/// <param name="time">Measures how long a page takes.</param>
/// <param name="owned">What is to be disposed with it.</param>
internal sealed class StoreTarget(
    IEventStore store, ICommitLog log, FrozenDictionary<string, IAggregateEndpoint> aggregates, IActionStore actions, IRefusedCommandStore refused,
    StoreBuild build, TimeProvider time, IAsyncDisposable? owned = null) : ITarget
{
    private const int ItemsPerPage = 1_000;
    private const int ActionsPerPage = 100;

    /// <summary>Commits of one conversation, as many as the API answers.</summary>
    private const int MaxSteps = 500;

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

    public async IAsyncEnumerable<RefusedDocument> ReadRefusedAsync(StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _ = Require(stream);
        bool isEmpty = true;
        await foreach (RefusedCommand command in refused.ReadAsync(stream, afterId: null, cancellationToken))
        {
            isEmpty = false;
            yield return DocumentMapping.Of(command);
        }
        if (isEmpty && (await store.ReadHeadAsync(stream, cancellationToken)).Version == 0)
        {
            throw Unknown(stream);
        }
    }

    public async Task<VerifyDocument> VerifyAsync(StreamName stream, CancellationToken cancellationToken)
    {
        IAggregateHistory history = Require(stream);
        CommitChain chain = new();
        BrokenLink? broken = null;
        await foreach (JsonElement item in log.ReadItemsAsync(stream, cancellationToken))
        {
            broken = chain.Next(item);
        }
        broken ??= await history.CheckSnapshotAsync(stream, cancellationToken);
        return chain.Commits == 0
            ? throw Unknown(stream)
            : new VerifyDocument(
                stream.Value, chain.Commits, broken is null, broken is null ? chain.Hash : null, broken is null ? null : new BrokenLinkDocument(broken.Id, broken.Reason));
    }

    public async Task<TrialDocument> TryAsync(
        StreamName stream, StreamPoint point, string command, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        Trial trial = await Require(stream).TryAsync(stream, point, command, body, cancellationToken);
        return trial switch
        {
            Trial.Unknown => throw ToolException.NotFound(
                $"'{stream.Category}' has no command '{command}'. It has: {string.Join(", ", aggregates[stream.Category].Commands.Where(c => !c.IsInternal).Select(c => c.Name))}."),
            _ when point.Version is { } version && version > trial.Version => throw Beyond(stream, trial.Version),
            Trial.Invalid invalid => throw ToolException.Usage(string.Join(" ", invalid.Errors.Select(e => $"{e.Path}: {e.Message}"))),
            _ => DocumentMapping.Of(trial),
        };
    }

    public async IAsyncEnumerable<ReconsiderPageDocument> ReconsiderAsync(WhatIfQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireCategory(query.Category);
        WhatIf whatIf = new(aggregates, log, refused, time);
        string? continuation = null;
        do
        {
            WhatIfPage page = await whatIf.ReadPageAsync(query, new WhatIfLimits(), continuation, cancellationToken);
            continuation = page.Continuation;
            if (query.Stream is { } stream && page is { Commits: 0, Refused: 0, Unreadable: [], Continuation: null } && !await IsKnownAsync(stream, cancellationToken))
            {
                throw Unknown(stream);
            }
            yield return DocumentMapping.Of(query, aggregates[query.Category].History.PolicyVersion, page);
        }
        while (continuation is not null);
    }

    public async Task<ConversationDocument> FollowAsync(string correlationId, CancellationToken cancellationToken)
    {
        IReadOnlyList<Commit> commits = await log.ReadConversationAsync(correlationId, MaxSteps + 1, cancellationToken);
        if (commits.Count == 0)
        {
            throw ToolException.NotFound($"No commit belongs to a conversation '{correlationId}'.");
        }
        return new ConversationDocument(
            correlationId, [.. DocumentMapping.Steps(CausedCommit.Trees([.. commits.Take(MaxSteps)]), depth: 0)], commits.Count <= MaxSteps);
    }

    public async IAsyncEnumerable<VerifiedPartDocument> VerifyAllAsync(string? category, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireCategory(category);
        CommitLogVerifier verifier = new(log, CheckSnapshotAsync);
        long? total = await log.EstimateCountAsync(cancellationToken);
        string? continuation = null;
        do
        {
            VerifiedPage page = await verifier.VerifyPageAsync(category, continuation, ItemsPerPage, cancellationToken);
            continuation = page.Continuation;
            yield return new VerifiedPartDocument(
                page.Read, page.Commits, page.Streams, [.. page.Broken.Select(b => new BrokenStreamDocument(b.Stream, b.Id, b.Reason))], total);
            total = null;
        }
        while (continuation is not null);
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ExportAsync(
        StreamName? stream, string? category, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireCategory(category ?? stream?.Category);
        string? continuation = null;
        do
        {
            CommitLogPage page = await log.ReadPageAsync(stream, continuation, ItemsPerPage, cancellationToken);
            if (stream is not null && continuation is null && page.Items.Count == 0)
            {
                throw Unknown(stream);
            }
            ArrayBufferWriter<byte> lines = new();
            foreach (JsonElement item in page.Items.Where(i => category is null || IsOf(category, i)))
            {
                CommitExport.WriteLine(item, lines);
            }
            yield return lines.WrittenMemory;
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    public async IAsyncEnumerable<ImportedPartDocument> ImportAsync(
        Stream lines, ImportOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RecordedImport import = new(store, new OperatorActions(actions, time), aggregates.ContainsKey);
        await foreach (ImportPart part in new ImportParts().ReadAsync(lines, cancellationToken))
        {
            yield return await ImportAsync(import, part, options, cancellationToken);
        }
    }

    private static async Task<ImportedPartDocument> ImportAsync(
        RecordedImport import, ImportPart part, ImportOptions options, CancellationToken cancellationToken)
    {
        bool intoExisting = options.IntoExisting || part.Continues;
        try
        {
            if (options.IsDryRun)
            {
                (ImportProgress tried, IReadOnlyList<ImportGap> gaps) = await import.TryAsync(part.Lines, intoExisting, cancellationToken);
                return part.Continues || gaps.Count == 0
                    ? new ImportedPartDocument(tried.Commits, tried.Written, tried.Known)
                    : throw new CommitImportException(gaps[0].Line, gaps[0].Reason);
            }
            ImportOrder order = new($"tool:{Environment.UserName}", ActorName: null, options.Reason!, intoExisting);
            ImportProgress imported = await import.RunAsync(part.Lines, order, cancellationToken);
            return new ImportedPartDocument(imported.Commits, imported.Written, imported.Known);
        }
        catch (CommitImportException e)
        {
            throw part.Fault(e.Line, e.Reason, e);
        }
    }

    public async IAsyncEnumerable<ActionDocument> ReadActionsAsync(string consumer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            ActionPage page = await actions.ListAsync(consumer, ActionsPerPage, continuation, cancellationToken);
            foreach (OperatorAction action in page.Items)
            {
                yield return DocumentMapping.Of(action);
            }
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    public IConsumerTarget Consumers => throw ToolException.Usage("Consumers run in the function app, and a store does not know them: ask the API, with --url.");

    public IProjectionTarget Projections =>
        throw ToolException.Usage("Versions of projections are for the function app that feeds them: ask the API, with --url.");

    public Task<BuildDocument> BuildAsync(
        (string Projection, int Version) version, int parallel, Action<long, long?> progress, CancellationToken cancellationToken) =>
        build.RunAsync(version, parallel, progress, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (owned is not null)
        {
            await owned.DisposeAsync();
        }
    }

    private Task<BrokenLink?> CheckSnapshotAsync(StreamName stream, CancellationToken cancellationToken) =>
        aggregates.TryGetValue(stream.Category, out IAggregateEndpoint? aggregate)
            ? aggregate.History.CheckSnapshotAsync(stream, cancellationToken)
            : Task.FromResult<BrokenLink?>(null);

    private IAggregateHistory Require(StreamName stream) => aggregates.TryGetValue(stream.Category, out IAggregateEndpoint? aggregate)
        ? aggregate.History
        : throw UnknownCategory(stream.Category);

    private void RequireCategory(string? category)
    {
        if (category is not null && !aggregates.ContainsKey(category))
        {
            throw UnknownCategory(category);
        }
    }

    private ToolException UnknownCategory(string category) =>
        ToolException.NotFound($"There is no '{category}' here. There is: {string.Join(", ", aggregates.Keys.Order(StringComparer.Ordinal))}.");

    private static bool IsOf(string category, JsonElement item) =>
        item.TryGetProperty("stream"u8, out JsonElement stream) && stream.ValueKind == JsonValueKind.String
        && stream.GetString()!.StartsWith($"{category}-", StringComparison.Ordinal);

    private async Task<bool> IsKnownAsync(StreamName stream, CancellationToken cancellationToken) =>
        (await store.ReadHeadAsync(stream, cancellationToken)).Version > 0
        || await refused.ReadAsync(stream, afterId: null, cancellationToken).AnyAsync(cancellationToken);

    private async Task<ToolException> MissingAsync(StreamName stream, CancellationToken cancellationToken)
    {
        long version = (await store.ReadHeadAsync(stream, cancellationToken)).Version;
        return version == 0 ? Unknown(stream) : Beyond(stream, version);
    }

    private static ToolException Unknown(StreamName stream) => ToolException.NotFound($"There is no {stream.Category} '{stream.Id}'.");

    private static ToolException Beyond(StreamName stream, long version) => ToolException.NotFound($"{stream} ends at version {version}.");
}
