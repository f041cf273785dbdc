using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Functions.Http;

/// <summary>
/// The header <c>X-MS-CLIENT-PRINCIPAL</c> as App Service authentication sends it: base64 of JSON with the claims of who signed in, and
/// the type of those that are roles. What can't be read gives no roles.
/// </summary>
internal static class ClientPrincipal
{
    private const int MaxBytes = 64 * 1024;

    public static IEnumerable<string> RolesIn(string header)
    {
        byte[] json = new byte[Math.Min(header.Length, MaxBytes)];
        if (header.Length > MaxBytes || !Convert.TryFromBase64String(header, json, out int length))
        {
            return [];
        }
        try
        {
            Document? principal = JsonSerializer.Deserialize(json.AsSpan(0, length), ClientPrincipalJson.Default.Document);
            return [.. (principal?.Claims ?? [])
                .Where(c => c.Type is not null && (c.Type == principal!.RoleType || c.Type is "roles" or ClaimTypes.Role))
                .Select(c => c.Value).OfType<string>()];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    internal sealed record Document(
        [property: JsonPropertyName("role_typ")] string? RoleType, [property: JsonPropertyName("claims")] IReadOnlyList<ClaimEntry>? Claims);

    internal sealed record ClaimEntry([property: JsonPropertyName("typ")] string? Type, [property: JsonPropertyName("val")] string? Value);
}

[JsonSerializable(typeof(ClientPrincipal.Document))]
internal sealed partial class ClientPrincipalJson : JsonSerializerContext;
