using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;

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

    private readonly bool trustsPrincipal =
        !string.IsNullOrEmpty(configuration["WEBSITE_SITE_NAME"])
        && bool.TryParse(configuration["WEBSITE_AUTH_ENABLED"], out bool isOn) && isOn;

    public string Of(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (trustsPrincipal && request.Header("x-ms-client-principal-name") is { } principal)
        {
            return principal.Length <= HttpLimits.MaxActorLength ? principal : principal[..HttpLimits.MaxActorLength];
        }
        return KeyOf(request) ?? Anonymous;
    }

    /// <summary>What rules about roles go by: the roles that App Service found for the principal, and <c>key:name</c> for a function key.</summary>
    public IReadOnlySet<string> RolesOf(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        HashSet<string> roles = new(StringComparer.Ordinal);
        if (trustsPrincipal && request.Header("x-ms-client-principal") is { } principal)
        {
            roles.UnionWith(ClientPrincipal.RolesIn(principal));
        }
        if (KeyOf(request) is { } key)
        {
            roles.Add(key);
        }
        return roles;
    }

    private static string? KeyOf(HttpRequestData request) =>
        request.Identities.SelectMany(i => i.Claims).FirstOrDefault(c => c.Type == KeyNameClaim) is { Value.Length: > 0 } key ? $"key:{key.Value}" : null;
}
