using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.LocalWorker.Http;

/// <summary>A request as the worker gets it: header names in lower case, one value per header, the whole body.</summary>
internal sealed class LocalHttpRequestData(FunctionContext context, HttpRequest request, byte[] body, ClaimsIdentity? identity)
    : HttpRequestData(context)
{
    public override Stream Body { get; } = new MemoryStream(body);

    public override HttpHeadersCollection Headers => field ??= new HttpHeadersCollection(
        request.Headers.Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), header.Value.ToString())));

    public override IReadOnlyCollection<IHttpCookie> Cookies => field ??= ReadCookies(request.Headers.Cookie.ToString());

    public override Uri Url => field ??= new Uri($"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}");

    public override IEnumerable<ClaimsIdentity> Identities { get; } = identity is null ? [] : [identity];

    public override string Method => request.Method;

    public override HttpResponseData CreateResponse() => new LocalHttpResponseData(FunctionContext, HttpStatusCode.OK);

    // Values stay encoded as they came, as in the real worker.
    private static List<IHttpCookie> ReadCookies(string header) =>
        [.. header.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(pair => pair.Split('=', 2))
            .Select(IHttpCookie (parts) => new HttpCookie(parts[0].Trim(), parts.Length == 2 ? parts[1] : ""))];
}
