using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Serverless.Cli.Answers;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>Asks the management routes of the HTTP API.</summary>
internal sealed class HttpTarget(ApiClient api) : ITarget
{
    public async Task<PastStateDocument> ReadStateAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken) =>
        await api.GetAsync($"manage/streams/{stream}{Query(point)}", ToolJson.Readable.PastStateDocument, cancellationToken);

    public async IAsyncEnumerable<CommitDocument> ReadCommitsAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = Page(stream, "commits", fromVersion); next is not null;)
        {
            CommitPageDocument page = await api.GetAsync(next, ToolJson.Readable.CommitPageDocument, cancellationToken);
            foreach (CommitDocument commit in page.Commits)
            {
                yield return commit;
            }
            next = page.Next;
        }
    }

    public async IAsyncEnumerable<ExplainedDocument> ExplainAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = Page(stream, "explain", fromVersion); next is not null;)
        {
            ExplainPageDocument page = await api.GetAsync(next, ToolJson.Readable.ExplainPageDocument, cancellationToken);
            foreach (ExplainedDocument explained in page.Events)
            {
                yield return explained;
            }
            next = page.Next;
        }
    }

    public Task<VerifyDocument> VerifyAsync(StreamName stream, CancellationToken cancellationToken) =>
        api.GetAsync($"manage/streams/{stream}/verify", ToolJson.Readable.VerifyDocument, cancellationToken);

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Page(StreamName stream, string question, long fromVersion) =>
        string.Create(CultureInfo.InvariantCulture, $"manage/streams/{stream}/{question}?from={fromVersion}");

    private static string Query(StreamPoint point) => point switch
    {
        { Version: { } version } => string.Create(CultureInfo.InvariantCulture, $"?version={version}"),
        { Instant: { } instant } => $"?at={WebUtility.UrlEncode(instant.ToString("O", CultureInfo.InvariantCulture))}",
        _ => "",
    };
}
