using System.Net;
using System.Net.Http.Headers;

namespace Serverless.CosmosEmulator.Http;

/// <summary>The transport within a process: a request message goes into the pipeline without ever becoming bytes.</summary>
internal sealed class EmulatorMessageHandler(Pipeline pipeline, bool requireKey) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        Uri uri = request.RequestUri ?? throw new InvalidOperationException("A request needs a URI.");
        ValueTask<Answer> work = pipeline.Handle(ToRequest(request, uri, ReadBody(request.Content)), requireKey);
        return work.IsCompletedSuccessfully
            ? Task.FromResult(ToResponse(request, work.GetAwaiter().GetResult()))
            : Await(request, work, cancellationToken);
    }

    private static async Task<HttpResponseMessage> Await(HttpRequestMessage request, ValueTask<Answer> work, CancellationToken cancellationToken)
    {
        try
        {
            return ToResponse(request, await work.AsTask().WaitAsync(cancellationToken));
        }
        catch (ConnectionDroppedException)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was dropped on demand.");
        }
    }

    private static MessageRequest ToRequest(HttpRequestMessage request, Uri uri, byte[] body) => new(request)
    {
        Method = request.Method.Method,
        Target = uri.PathAndQuery,
        BaseAddress = $"{uri.Scheme}://{uri.Authority}/",
        Body = body,
    };

    private static byte[] ReadBody(HttpContent? content)
    {
        if (content is null)
        {
            return [];
        }

        Stream stream = content.ReadAsStream();
        if (content.Headers.ContentLength is not { } length)
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }

        var body = new byte[length];
        stream.ReadExactly(body);
        return body;
    }

    private static HttpResponseMessage ToResponse(HttpRequestMessage request, Answer answer)
    {
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(answer.Body),
        };
        if (!answer.Body.IsEmpty)
        {
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        answer.WriteHeaders(response.Headers, static (headers, name, value) => headers.TryAddWithoutValidation(name, value));
        return response;
    }

    private sealed class MessageRequest(HttpRequestMessage message) : CosmosRequest
    {
        public override string? Header(string name) =>
            message.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString()
            : message.Content is not null && message.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString()
            : null;
    }
}
