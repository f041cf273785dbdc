using System.Net;
using Microsoft.AspNetCore.Http;

namespace Serverless.FunctionsHost.Http;

/// <summary>
/// Keeps web pages of other sites away from a host that listens on a developer's machine, often without keys: neither a page that calls it
/// nor a name that is made to point to this machine gets through.
/// </summary>
internal sealed class RequestOrigin(FunctionsHostOptions options, FunctionsHostAddress address)
{
    private const string AnyHost = "*";

    /// <summary>Why the request is refused; null when it is not.</summary>
    public string? Refusal(HttpRequest request)
    {
        if (!IsOurs(request.Host.Host))
        {
            return $"Host is '{request.Host}', which is not this machine. To serve under another name, add it to the setting FunctionsHost:AllowedHosts.";
        }
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority == Authority(request)))
        {
            return $"Origin is '{origin}': pages of other sites can't call this host.";
        }
        return request.Headers["Sec-Fetch-Site"] == "cross-site"
            ? "Sec-Fetch-Site is 'cross-site': pages of other sites can't call this host."
            : null;
    }

    private static string Authority(HttpRequest request) => new Uri($"{request.Scheme}://{request.Host}").Authority;

    private bool IsOurs(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip))
        || address.Names.Contains(host, StringComparer.OrdinalIgnoreCase)
        || options.AllowedHosts.Any(allowed => allowed == AnyHost || string.Equals(allowed, host, StringComparison.OrdinalIgnoreCase));
}
