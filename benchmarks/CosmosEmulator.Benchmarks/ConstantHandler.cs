using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>
/// The ceiling: what the SDK itself can do. The first answer of each kind of item request comes from an emulator, and every later
/// one is that answer again, without looking at the request.
/// </summary>
internal sealed class ConstantHandler(HttpMessageHandler emulator) : HttpMessageHandler
{
    private readonly HttpMessageInvoker emulator = new(emulator);
    private readonly ConcurrentDictionary<(string Method, bool IsBatch), Constant> answers = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.RequestUri!.AbsolutePath.Contains("/docs", StringComparison.Ordinal))
        {
            return await emulator.SendAsync(request, cancellationToken);
        }

        (string, bool) kind = (request.Method.Method, request.Headers.Contains("x-ms-cosmos-is-batch-request"));
        if (!answers.TryGetValue(kind, out Constant? answer))
        {
            answer = await Constant.OfAsync(await emulator.SendAsync(request, cancellationToken), cancellationToken);
            answers.TryAdd(kind, answer);
        }

        return answer.For(request);
    }

    protected override void Dispose(bool disposing)
    {
        emulator.Dispose();
        base.Dispose(disposing);
    }

    private sealed record Constant(HttpStatusCode Status, byte[] Body, IReadOnlyList<KeyValuePair<string, string>> Headers)
    {
        private static readonly MediaTypeHeaderValue Json = new("application/json");

        public static async Task<Constant> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
            response.IsSuccessStatusCode ? response.StatusCode : throw new InvalidOperationException($"The sample was answered {response.StatusCode}."),
            await response.Content.ReadAsByteArrayAsync(cancellationToken),
            [.. response.Headers.NonValidated.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString()))]);

        public HttpResponseMessage For(HttpRequestMessage request)
        {
            var response = new HttpResponseMessage(Status) { RequestMessage = request, Content = new ByteArrayContent(Body) };
            response.Content.Headers.ContentType = Json;
            foreach ((string name, string value) in Headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return response;
        }
    }
}
