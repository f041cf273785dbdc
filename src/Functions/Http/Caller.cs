using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>Who sends a request: an id that stays the same and belongs to nobody else, and the name of a person at that time.</summary>
public sealed record Principal(string Id, string? Name);

/// <summary>
/// Finds out who sends a request, in the form that commits store: <c>user:provider:id</c> of the principal that App Service authenticated, or
/// <c>key:name</c> of the function key. A name of a principal is only shown beside its id, because some providers let people choose it.
/// App Service keeps clients from setting the principal's headers, but only where its authentication is on; anywhere else the headers
/// are just what somebody sent, and are not looked at.
/// </summary>
public sealed class Caller(IConfiguration configuration)
{
    public const string Anonymous = "anonymous";

    private const string KeyNameClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    /// <summary>The scheme of the identity that the host makes of a key. Others may hold claims of any type that an identity provider issues.</summary>
    private const string KeyScheme = "WebJobsAuthLevel";

    private const string KeyPrefix = "key:";

    /// <summary>What the id of somebody who is signed in begins with.</summary>
    internal const string UserPrefix = "user:";

    /// <summary>Whether App Service signs people in, so that the headers of a principal are its own.</summary>
    internal bool TrustsPrincipal { get; } =
        !string.IsNullOrEmpty(configuration["WEBSITE_SITE_NAME"])
        && bool.TryParse(configuration["WEBSITE_AUTH_ENABLED"], out bool isOn) && isOn;

    /// <exception cref="ProblemException">The id of the principal is too long: cut off it could be that of somebody else.</exception>
    public Principal Of(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (TrustsPrincipal && request.Header("x-ms-client-principal-id") is { } id && request.Header("x-ms-client-principal-idp") is { } provider)
        {
            string actor = $"{UserPrefix}{provider}:{id}";
            string? name = request.Header("x-ms-client-principal-name");
            return actor.Length <= HttpLimits.MaxActorLength
                ? new Principal(actor, name?.Length > HttpLimits.MaxActorLength ? name[..HttpLimits.MaxActorLength] : name)
                : throw new ProblemException(Problem.InvalidHeader(
                    "x-ms-client-principal-id", $"With the provider it has at most {HttpLimits.MaxActorLength - "user::".Length} characters."));
        }
        return new Principal(KeyOf(request) ?? Anonymous, Name: null);
    }

    /// <summary>
    /// What rules about roles go by: the roles that App Service found for the principal, <c>key:name</c> for a function key, and
    /// <c>anonymous</c> for a caller with neither, which only a host that asks for no key lets in.
    /// </summary>
    public IReadOnlySet<string> RolesOf(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        HashSet<string> roles = new(StringComparer.Ordinal);
        if (TrustsPrincipal && request.Header("x-ms-client-principal") is { } principal)
        {
            // The prefix is the host's to give: a role of that name would be a key.
            roles.UnionWith(ClientPrincipal.RolesIn(principal).Where(r => r != Anonymous && !r.StartsWith(KeyPrefix, StringComparison.Ordinal)));
        }
        if (KeyOf(request) is { } key)
        {
            roles.Add(key);
        }
        else if (Of(request).Id == Anonymous)
        {
            roles.Add(Anonymous);
        }
        return roles;
    }

    private static string? KeyOf(HttpRequestData request) =>
        request.Identities.Where(i => i.AuthenticationType == KeyScheme).SelectMany(i => i.Claims)
            .FirstOrDefault(c => c.Type == KeyNameClaim) is { Value.Length: > 0 } key ? $"{KeyPrefix}{key.Value}" : null;
}

internal static class PrincipalActions
{
    public static OperatorAction New(this OperatorActions actions, string kind, string consumer, Principal principal) =>
        actions.New(kind, consumer, principal.Id, principal.Name);
}
