using Serverless.Cli.Answers;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>
/// What the commands ask, of the HTTP API or of a store. Both answer the same: what is missing is a <see cref="ToolException"/> in the
/// same words.
/// </summary>
internal interface ITarget : IAsyncDisposable
{
    Task<PastStateDocument> ReadStateAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken);

    /// <summary>Commits that hold versions from <paramref name="fromVersion"/> on.</summary>
    IAsyncEnumerable<CommitDocument> ReadCommitsAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken);

    IAsyncEnumerable<ExplainedDocument> ExplainAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken);

    /// <summary>Commands that the stream refused, as far as they are still kept, in the order of the versions they were decided on.</summary>
    IAsyncEnumerable<RefusedDocument> ReadRefusedAsync(StreamName stream, CancellationToken cancellationToken);

    Task<VerifyDocument> VerifyAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>What a command would do: events, or a reason. Writes nothing.</summary>
    Task<TrialDocument> TryAsync(StreamName stream, StreamPoint point, string command, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Decisions of the past made again, page by page.</summary>
    IAsyncEnumerable<ReconsiderPageDocument> ReconsiderAsync(WhatIfQuery query, CancellationToken cancellationToken);

    Task<ConversationDocument> FollowAsync(string correlationId, CancellationToken cancellationToken);

    /// <summary>Every commit of the store, part by part; the first part says about how many there are.</summary>
    IAsyncEnumerable<VerifiedPartDocument> VerifyAllAsync(string? category, CancellationToken cancellationToken);

    /// <summary>Commits as lines of JSON: of a stream, of a category, or all. Each item is whole lines.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ExportAsync(StreamName? stream, string? category, CancellationToken cancellationToken);

    /// <summary>Sends lines that were checked, and says after each part how far it is.</summary>
    /// <exception cref="CommitImportException">A line can't be imported.</exception>
    IAsyncEnumerable<ImportedPartDocument> ImportAsync(Stream lines, ImportOptions options, CancellationToken cancellationToken);

    /// <summary>What operators did to a consumer, newest first.</summary>
    IAsyncEnumerable<ActionDocument> ReadActionsAsync(string consumer, CancellationToken cancellationToken);

    /// <summary>Consumers run in the function app: a store alone does not know them.</summary>
    /// <exception cref="ToolException">This target is a store.</exception>
    IConsumerTarget Consumers { get; }

    /// <summary>The same of the versions of projections.</summary>
    /// <exception cref="ToolException">This target is a store.</exception>
    IProjectionTarget Projections { get; }

    /// <summary>Fills the documents of a version from all commits. Only a store can be written so.</summary>
    /// <param name="version">Which version of which projection.</param>
    /// <param name="parallel">Documents written at the same time.</param>
    /// <param name="progress">Told of the commits that are done, and about how many there are.</param>
    /// <param name="cancellationToken">Ends it; what was written stays.</param>
    /// <exception cref="ToolException">This target is the API, there is no such version, or it is retired.</exception>
    Task<BuildDocument> BuildAsync(
        (string Projection, int Version) version, int parallel, Action<long, long?> progress, CancellationToken cancellationToken);
}

/// <summary>How to import. There is a reason unless it is a dry run.</summary>
internal sealed record ImportOptions(bool IsDryRun, bool IntoExisting, string? Reason);

/// <summary>The consumers of the events. Only the API has them.</summary>
internal interface IConsumerTarget
{
    Task<ConsumersDocument> ListAsync(CancellationToken cancellationToken);

    Task<ConsumerDocument> GetAsync(string consumer, CancellationToken cancellationToken);

    /// <summary>What any consumer has parked.</summary>
    IAsyncEnumerable<ConsumerParkedDocument> ReadAllParkedAsync(CancellationToken cancellationToken);

    IAsyncEnumerable<ParkedDocument> ReadParkedAsync(string consumer, CancellationToken cancellationToken);

    Task<RetryDocument> RetryAsync(string consumer, string stream, string? reason, CancellationToken cancellationToken);

    Task<RetryAllDocument> RetryAllAsync(string consumer, string? reason, CancellationToken cancellationToken);

    Task<RetryDocument> DiscardAsync(string consumer, string stream, long version, string reason, CancellationToken cancellationToken);
}

/// <summary>The versions of projections. Only the API has them.</summary>
internal interface IProjectionTarget
{
    Task<ProjectionsDocument> ListAsync(CancellationToken cancellationToken);

    Task<ProjectionDocument> GetAsync(string projection, CancellationToken cancellationToken);

    /// <param name="projection">Its name.</param>
    /// <param name="order"><c>serve</c>, <c>pause</c> or <c>resume</c>.</param>
    /// <param name="body">Which version, and why.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<ProjectionDocument> OrderAsync(string projection, string order, VersionOrderDocument body, CancellationToken cancellationToken);

    /// <summary>Deletes for a while; to be asked again until it is complete.</summary>
    Task<RetireDocument> RetireAsync(string projection, VersionOrderDocument body, CancellationToken cancellationToken);

    Task<RebuildDocument> RebuildAsync(string projection, RebuildOrderDocument body, CancellationToken cancellationToken);
}
