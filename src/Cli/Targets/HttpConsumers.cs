using System.Text.Json;
using Serverless.Cli.Answers;

namespace Serverless.Cli.Targets;

/// <summary>Asks the management routes of the consumers.</summary>
internal sealed class HttpConsumers(ApiClient api) : IConsumerTarget
{
    public Task<ConsumersDocument> ListAsync(CancellationToken cancellationToken) =>
        api.GetAsync("manage/consumers", ToolJson.Readable.ConsumersDocument, cancellationToken);

    public Task<ConsumerDocument> GetAsync(string consumer, CancellationToken cancellationToken) =>
        api.GetAsync(Address(consumer), ToolJson.Readable.ConsumerDocument, cancellationToken);

    public IAsyncEnumerable<ConsumerParkedDocument> ReadAllParkedAsync(CancellationToken cancellationToken) => api.GetPagesAsync(
        continuation => $"manage/parked{HttpTarget.Query(("continuation", continuation))}",
        ToolJson.Readable.AllParkedPageDocument, p => (p.Items, p.Continuation), cancellationToken);

    public IAsyncEnumerable<ParkedDocument> ReadParkedAsync(string consumer, CancellationToken cancellationToken) => api.GetPagesAsync(
        continuation => $"{Address(consumer)}/parked{HttpTarget.Query(("continuation", continuation))}",
        ToolJson.Readable.ParkedPageDocument, p => (p.Items, p.Continuation), cancellationToken);

    public Task<RetryDocument> RetryAsync(string consumer, string stream, string? reason, CancellationToken cancellationToken) => api.PostAsync(
        $"{Address(consumer)}/parked/{Uri.EscapeDataString(stream)}/retry", Body(new ReasonDocument(reason)), "application/json", ToolJson.Readable.RetryDocument, cancellationToken);

    public Task<RetryAllDocument> RetryAllAsync(string consumer, string? reason, CancellationToken cancellationToken) => api.PostAsync(
        $"{Address(consumer)}/retry", Body(new ReasonDocument(reason)), "application/json", ToolJson.Readable.RetryAllDocument, cancellationToken);

    public Task<RetryDocument> DiscardAsync(string consumer, string stream, long version, string reason, CancellationToken cancellationToken) => api.PostAsync(
        $"{Address(consumer)}/parked/{Uri.EscapeDataString(stream)}/discard", Body(new ReasonDocument(reason, version)), "application/json",
        ToolJson.Readable.RetryDocument, cancellationToken);

    private static string Address(string consumer) => $"manage/consumers/{Uri.EscapeDataString(consumer)}";

    private static byte[] Body(ReasonDocument reason) => JsonSerializer.SerializeToUtf8Bytes(reason, ToolJson.Readable.ReasonDocument);
}
