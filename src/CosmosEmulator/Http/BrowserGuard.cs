using System.Net;
using Microsoft.AspNetCore.Http;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// Keeps web pages away: a browser on this machine reaches the emulator for any page it shows. A page of another origin is seen by its
/// <c>Origin</c> or <c>Sec-Fetch-Site</c>; one whose name was made to point here (DNS rebinding) by its <c>Host</c>.
/// </summary>
internal sealed class BrowserGuard(IEnumerable<string> allowedHosts)
{
    private readonly HashSet<string> allowed = new(allowedHosts, StringComparer.OrdinalIgnoreCase);

    public CosmosError? Check(HttpRequest request)
    {
        string own = $"{request.Scheme}://{request.Host}";
        string? origin = request.Headers.Origin;
        string? site = request.Headers["Sec-Fetch-Site"];
        return !IsOwn(request.Host.Host) ? Errors.HostNotAllowed(request.Host.Host)
            : !string.IsNullOrEmpty(origin) && !origin.Equals(own, StringComparison.OrdinalIgnoreCase) ? Errors.OriginNotAllowed(origin)
            : site is null or "" or "same-origin" or "none" ? null
            : Errors.OriginNotAllowed(site);
    }

    private bool IsOwn(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address))
        || allowed.Contains(host);
}
