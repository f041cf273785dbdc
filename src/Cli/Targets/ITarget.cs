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

    Task<VerifyDocument> VerifyAsync(StreamName stream, CancellationToken cancellationToken);
}
