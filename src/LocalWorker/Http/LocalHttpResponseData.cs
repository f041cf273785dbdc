using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.LocalWorker.Http;

/// <summary>A response that is kept until the function has returned it.</summary>
internal sealed class LocalHttpResponseData(FunctionContext context, HttpStatusCode statusCode) : HttpResponseData(context)
{
    private readonly ResponseCookies cookies = new();

    public override HttpStatusCode StatusCode { get; set; } = statusCode;

    public override HttpHeadersCollection Headers
    {
        get;
        set => field = value ?? throw new InvalidOperationException("Headers can't be null.");
    } = [];

    public override Stream Body
    {
        get;
        set => field = value ?? throw new InvalidOperationException("Body can't be null.");
    } = new MemoryStream();

    public override HttpCookies Cookies => cookies;

    public async Task SendAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = (int)StatusCode;
        foreach ((string name, IEnumerable<string> values) in Headers)
        {
            response.Headers[name] = string.Join(",", values);
        }

        foreach (IHttpCookie cookie in cookies.Items)
        {
            response.Cookies.Append(cookie.Name, cookie.Value, Options(cookie));
        }

        if (!Body.CanRead)
        {
            return;
        }

        if (Body.CanSeek)
        {
            Body.Position = 0;
            if (Body.Length == 0)
            {
                return;
            }

            response.ContentLength = Body.Length;
        }

        await Body.CopyToAsync(response.Body, cancellationToken);
    }

    private static CookieOptions Options(IHttpCookie cookie) => new()
    {
        Domain = cookie.Domain,
        Path = cookie.Path ?? "/",
        Expires = cookie.Expires,
        MaxAge = cookie.MaxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Secure = cookie.Secure ?? false,
        HttpOnly = cookie.HttpOnly ?? false,
        SameSite = cookie.SameSite switch
        {
            SameSite.Lax => SameSiteMode.Lax,
            SameSite.Strict => SameSiteMode.Strict,
            SameSite.ExplicitNone => SameSiteMode.None,
            _ => SameSiteMode.Unspecified,
        },
    };

    private sealed class ResponseCookies : HttpCookies
    {
        public List<IHttpCookie> Items { get; } = [];

        public override void Append(string name, string value) => Append(new HttpCookie(name, value));

        public override void Append(IHttpCookie cookie)
        {
            ArgumentNullException.ThrowIfNull(cookie);
            Items.Add(cookie);
        }

        public override IHttpCookie CreateNew() => new HttpCookie("", "");
    }
}
