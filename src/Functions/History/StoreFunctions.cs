using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>
/// The whole store: verified and exported. Each call does a part and says where to go on, since Azure ends every HTTP request after a
/// time. For operators.
/// </summary>
public sealed class StoreFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates, ICommitLog log, TimeProvider time)
{
    /// <summary>The header that names where the next page of an export begins.</summary>
    public const string ContinuationHeader = "x-continuation";

    private const string JsonLines = "application/jsonl; charset=utf-8";

    /// <summary><c>?category=</c> for streams of one kind; <c>?continuation=</c> as the answer before says.</summary>
    [Function("ManageVerifyAll")]
    public async Task<HttpResponseData> VerifyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.VerifyAll)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? category = Category(request);
        string? continuation = request.Query["continuation"];
        long? total = continuation is null ? await log.EstimateCountAsync(cancellationToken) : null;
        CommitLogVerifier verifier = new(log, CheckSnapshotAsync);
        VerifiedPage sum = new(0, 0, 0, [], continuation);
        long started = time.GetTimestamp();
        do
        {
            VerifiedPage page = await KnownAsync(() => verifier.VerifyPageAsync(category, sum.Continuation, HttpLimits.CommitsPerRead, cancellationToken));
            sum = new VerifiedPage(
                sum.Read + page.Read, sum.Commits + page.Commits, sum.Streams + page.Streams, [.. sum.Broken, .. page.Broken], page.Continuation);
        }
        while (sum.Continuation is not null && sum.Read < HttpLimits.VerifiedCommitsPerCall && time.GetElapsedTime(started) < HttpLimits.MaxWalk);
        VerifyAllAnswer answer = new(
            sum.Read, sum.Commits, sum.Streams, [.. sum.Broken.Select(b => new BrokenStreamAnswer(b.Stream, b.Id, b.Reason))], total, sum.Continuation);
        return await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.VerifyAllAnswer, cancellationToken);
    }

    /// <summary>
    /// Commits as JSON Lines, of <c>?stream=</c>, of <c>?category=</c>, or all. The header <c>x-continuation</c> says where the next page
    /// begins; without it this one is the last.
    /// </summary>
    [Function("ManageExport")]
    public async Task<HttpResponseData> ExportAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Export)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? category = Category(request);
        StreamName? stream = request.Query["stream"] is { } name ? aggregates.RequireStream(name).Stream : null;
        if (category is not null && stream is not null)
        {
            throw new ProblemException(Problem.InvalidQuery("stream", "It can't be combined with 'category'."));
        }
        string? continuation = request.Query["continuation"];
        ArrayBufferWriter<byte> lines = new();
        long started = time.GetTimestamp();
        do
        {
            CommitLogPage page = await KnownAsync(() => log.ReadPageAsync(stream, continuation, HttpLimits.CommitsPerRead, cancellationToken));
            if (stream is not null && continuation is null && page.Items.Count == 0)
            {
                return await request.ProblemAsync(HistoryQuery.Unknown(stream));
            }
            foreach (JsonElement item in page.Items.Where(i => category is null || IsOf(category, i)))
            {
                CommitExport.WriteLine(item, lines);
            }
            continuation = page.Continuation;
        }
        while (continuation is not null && lines.WrittenCount < HttpLimits.ExportPageBytes && time.GetElapsedTime(started) < HttpLimits.MaxWalk);
        HttpResponseData response = request.Empty(HttpStatusCode.OK);
        response.Headers.Add("Content-Type", JsonLines);
        response.Headers.Add("Cache-Control", "no-store");
        if (continuation is not null)
        {
            response.Headers.Add(ContinuationHeader, continuation);
        }
        await response.Body.WriteAsync(lines.WrittenMemory, cancellationToken);
        return response;
    }

    private Task<BrokenLink?> CheckSnapshotAsync(StreamName stream, CancellationToken cancellationToken) =>
        aggregates.TryGetValue(stream.Category, out IAggregateEndpoint? aggregate)
            ? aggregate.History.CheckSnapshotAsync(stream, cancellationToken)
            : Task.FromResult<BrokenLink?>(null);

    private string? Category(HttpRequestData request) => request.Query["category"] is { } category ? aggregates.Require(category).Category : null;

    private static bool IsOf(string category, JsonElement item) =>
        item.TryGetProperty("stream"u8, out JsonElement stream) && stream.ValueKind == JsonValueKind.String
        && stream.GetString()!.StartsWith($"{category}-", StringComparison.Ordinal);

    private static async Task<T> KnownAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (InvalidContinuationException)
        {
            throw Views.ContinuationToken.Invalid();
        }
    }
}
