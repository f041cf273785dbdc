using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
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

    public async IAsyncEnumerable<RefusedDocument> ReadRefusedAsync(StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = $"manage/streams/{stream}/refused"; next is not null;)
        {
            RefusedPageDocument page = await api.GetAsync(next, ToolJson.Readable.RefusedPageDocument, cancellationToken);
            foreach (RefusedDocument refused in page.Refused)
            {
                yield return refused;
            }
            next = page.Next;
        }
    }

    public Task<VerifyDocument> VerifyAsync(StreamName stream, CancellationToken cancellationToken) =>
        api.GetAsync($"manage/streams/{stream}/verify", ToolJson.Readable.VerifyDocument, cancellationToken);

    public Task<TrialDocument> TryAsync(
        StreamName stream, StreamPoint point, string command, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => api.PostAsync(
            $"manage/streams/{stream}/try/{Uri.EscapeDataString(command)}{Query(point)}", body, "application/json", ToolJson.Readable.TrialDocument, cancellationToken);

    public async IAsyncEnumerable<ReconsiderPageDocument> ReconsiderAsync(WhatIfQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string address = query.Stream is { } stream
            ? $"manage/streams/{stream}/reconsider{Query(("from", Text(query.From)), ("to", Text(query.To)))}"
            : $"manage/reconsider{Query(("category", query.Category), ("from", Text(query.From)), ("to", Text(query.To)))}";
        for (string? next = address; next is not null;)
        {
            ReconsiderPageDocument page = await api.GetAsync(next, ToolJson.Readable.ReconsiderPageDocument, cancellationToken);
            yield return page;
            next = page.Next;
        }
    }

    public Task<ConversationDocument> FollowAsync(string correlationId, CancellationToken cancellationToken) =>
        api.GetAsync($"manage/conversations/{Uri.EscapeDataString(correlationId)}", ToolJson.Readable.ConversationDocument, cancellationToken);

    public async IAsyncEnumerable<VerifiedPartDocument> VerifyAllAsync(string? category, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            VerifiedPartDocument part = await api.GetAsync(
                $"manage/verify{Query(("category", category), ("continuation", continuation))}", ToolJson.Readable.VerifiedPartDocument, cancellationToken);
            yield return part;
            continuation = part.Continuation;
        }
        while (continuation is not null);
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ExportAsync(
        StreamName? stream, string? category, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            (ReadOnlyMemory<byte> lines, continuation) = await api.GetLinesAsync(
                $"manage/export{Query(("stream", stream?.Value), ("category", category), ("continuation", continuation))}", cancellationToken);
            yield return lines;
        }
        while (continuation is not null);
    }

    public IAsyncEnumerable<ImportedPartDocument> ImportAsync(Stream lines, ImportOptions options, CancellationToken cancellationToken) =>
        new HttpImport(api, options, new ImportParts()).RunAsync(lines, cancellationToken);

    public IAsyncEnumerable<ActionDocument> ReadActionsAsync(string consumer, CancellationToken cancellationToken) => api.GetPagesAsync(
        continuation => $"manage/actions{Query(("consumer", consumer), ("continuation", continuation))}",
        ToolJson.Readable.ActionPageDocument, p => (p.Items, p.Continuation), cancellationToken);

    public IConsumerTarget Consumers => new HttpConsumers(api);

    public IProjectionTarget Projections => new HttpProjections(api);

    public Task<BuildDocument> BuildAsync(
        (string Projection, int Version) version, int parallel, Action<long, long?> progress, CancellationToken cancellationToken) =>
        throw ToolException.Usage("A version is built straight on its store: name that, with --store. The function app builds one from its feed: set NextProjection.");

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Page(StreamName stream, string question, long fromVersion) =>
        string.Create(CultureInfo.InvariantCulture, $"manage/streams/{stream}/{question}?from={fromVersion}");

    internal static string Query(params ReadOnlySpan<(string Name, string? Value)> values)
    {
        StringBuilder query = new();
        foreach ((string name, string? value) in values)
        {
            if (value is not null)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
        return query.ToString();
    }

    private static string Query(StreamPoint point) => point switch
    {
        { Version: { } version } => string.Create(CultureInfo.InvariantCulture, $"?version={version}"),
        _ => Query(("at", Text(point.Instant))),
    };

    private static string? Text(DateTimeOffset? instant) => instant?.ToString("O", CultureInfo.InvariantCulture);
}
