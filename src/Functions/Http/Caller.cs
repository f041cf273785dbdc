using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Who sends a request, as the commits say for ever: the principal that App Service authenticated, or the name of the function key.
/// App Service keeps clients from setting the principal's header, but only where its authentication is on; anywhere else the header
/// is just what somebody sent, and is not looked at.
/// </summary>
public sealed class Caller(IConfiguration configuration)
{
    public const string Anonymous = "anonymous";

    private const string KeyNameClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    /// <summary>The scheme of the identity that the host makes of a key. Others may hold claims of any type that an identity provider issues.</summary>
    private const string KeyScheme = "WebJobsAuthLevel";

    private const string KeyPrefix = "key:";

    /// <summary>What the system writes itself: a principal that is called so must not be taken for it.</summary>
    private static readonly string[] OwnPrefixes = [KeyPrefix, "process:", "user:"];
    private static readonly string[] OwnNames = [Anonymous, VersionTakeover.Actor];

    private readonly bool trustsPrincipal =
        !string.IsNullOrEmpty(configuration["WEBSITE_SITE_NAME"])
        && bool.TryParse(configuration["WEBSITE_AUTH_ENABLED"], out bool isOn) && isOn;

    public string Of(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (trustsPrincipal && request.Header("x-ms-client-principal-name") is { } principal)
        {
            string name = OwnPrefixes.Any(p => principal.StartsWith(p, StringComparison.OrdinalIgnoreCase)) || OwnNames.Contains(principal, StringComparer.OrdinalIgnoreCase)
                ? $"user:{principal}"
                : principal;
            return name.Length <= HttpLimits.MaxActorLength ? name : name[..HttpLimits.MaxActorLength];
        }
        return KeyOf(request) ?? Anonymous;
    }

    /// <summary>
    /// What rules about roles go by: the roles that App Service found for the principal, <c>key:name</c> for a function key, and
    /// <c>anonymous</c> for a caller with neither, which only a host that asks for no key lets in.
    /// </summary>
    public IReadOnlySet<string> RolesOf(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        HashSet<string> roles = new(StringComparer.Ordinal);
        if (trustsPrincipal && request.Header("x-ms-client-principal") is { } principal)
        {
            // The prefix is the host's to give: a role of that name would be a key.
            roles.UnionWith(ClientPrincipal.RolesIn(principal).Where(r => r != Anonymous && !r.StartsWith(KeyPrefix, StringComparison.Ordinal)));
        }
        if (KeyOf(request) is { } key)
        {
            roles.Add(key);
        }
        else if (Of(request) == Anonymous)
        {
            roles.Add(Anonymous);
        }
        return roles;
    }

    private static string? KeyOf(HttpRequestData request) =>
        request.Identities.Where(i => i.AuthenticationType == KeyScheme).SelectMany(i => i.Claims)
            .FirstOrDefault(c => c.Type == KeyNameClaim) is { Value.Length: > 0 } key ? $"{KeyPrefix}{key.Value}" : null;
}
