using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Http;

/// <summary>Sends what a function has answered. A body goes in chunks without a Content-Length, as the real host sends it.</summary>
internal static class HttpAnswer
{
    public static async Task SendAsync(HttpMessage answer, HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = int.Parse(answer.StatusCode, CultureInfo.InvariantCulture);
        foreach ((string name, string value) in answer.Headers)
        {
            response.Headers[name] = value;
        }
        foreach (Cookie cookie in answer.Cookies)
        {
            response.Cookies.Append(cookie.Name, cookie.Value, OptionsOf(cookie));
        }
        response.ContentLength = null;
        ByteString body = answer.Body?.Bytes ?? ByteString.Empty;
        if (!body.IsEmpty)
        {
            await response.Body.WriteAsync(body.Memory, cancellationToken);
        }
    }

    private static CookieOptions OptionsOf(Cookie cookie) => new()
    {
        Domain = cookie.Domain?.Value,
        Path = cookie.Path is { KindCase: OptionalText.KindOneofCase.Value } path ? path.Value : "/",
        Expires = cookie.Expires?.Value?.ToDateTimeOffset(),
        MaxAge = cookie.MaxAgeSeconds is { KindCase: OptionalNumber.KindOneofCase.Value } seconds ? TimeSpan.FromSeconds(seconds.Value) : null,
        Secure = cookie.Secure?.Value ?? false,
        HttpOnly = cookie.HttpOnly?.Value ?? false,
        SameSite = cookie.SameSite switch
        {
            Cookie.Types.SameSite.Lax => SameSiteMode.Lax,
            Cookie.Types.SameSite.Strict => SameSiteMode.Strict,
            Cookie.Types.SameSite.ExplicitNone => SameSiteMode.None,
            _ => SameSiteMode.Unspecified,
        },
    };
}
