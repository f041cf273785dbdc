using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// The tokens of permissions: <c>type=resource&amp;ver=1.0&amp;sig=signature;content;</c>. The content says what it is for, so a token
/// needs no store; it stays good until it expires, also when the permission is changed meanwhile.
/// </summary>
internal sealed class ResourceTokens(Account account)
{
    public const int DefaultSeconds = 3_600;
    public const int MaxSeconds = 86_400;

    private const string Start = "type=resource&ver=1.0&sig=";

    private readonly byte[] secret = Convert.FromBase64String(account.Options.Key);

    public static bool IsOne(string token) => token.StartsWith("type=resource", StringComparison.OrdinalIgnoreCase);

    public string Create(JsonObject permission, int seconds)
    {
        var content = new JsonObject
        {
            ["resource"] = permission["resource"]?.DeepClone(),
            ["writes"] = "All".Equals((string?)permission["permissionMode"], StringComparison.OrdinalIgnoreCase),
            ["key"] = permission["resourcePartitionKey"] is JsonArray key ? key.ToJsonString(CompactJson.Options) : null,
            ["until"] = Now() + seconds,
        };
        string text = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(content.ToJsonString(CompactJson.Options)));
        return $"{Start}{Base64Url.EncodeToString(Sign(text))};{text};";
    }

    /// <summary>What stands against a request with this token, or null.</summary>
    public CosmosError? Check(string token, CosmosRequest request, in ResourcePath path)
    {
        string[] parts = token.Split(';');
        if (parts.Length != 3 || !parts[0].StartsWith(Start, StringComparison.Ordinal) || !IsSigned(parts[0][Start.Length..], parts[1]))
        {
            return Errors.SignatureWrong;
        }

        using JsonDocument content = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        JsonElement root = content.RootElement;
        return root.GetProperty("until"u8).GetInt64() <= Now() ? Errors.TokenExpired
            : path.Kind == PathKind.Account || Admits(root, request, path) ? null
            : Errors.TokenInsufficient;
    }

    private bool Admits(JsonElement token, CosmosRequest request, in ResourcePath path)
    {
        ResourcePath target = ResourcePath.Parse(token.GetProperty("resource"u8).GetString() ?? "");
        if (target.Kind is not (PathKind.Container or PathKind.Item) || ContainerOf(target) is not { } container || ContainerOf(path) != container)
        {
            return false;
        }

        // Clients look at the container and its ranges before they do anything else. Changing the container needs the account's key.
        if (path.Kind is PathKind.Container or PathKind.PartitionKeyRanges)
        {
            return request.Method == "GET";
        }

        return path.Kind switch
        {
            PathKind.Item => target.Kind == PathKind.Container || IdOf(container, target) == IdOf(container, path),
            PathKind.Items => target.Kind == PathKind.Container,
            _ => false,
        }
        && (Reads(request) || token.GetProperty("writes"u8).GetBoolean())
        && IsKey(token.GetProperty("key"u8).GetString(), request);
    }

    private static bool Reads(CosmosRequest request) =>
        request.Method == "GET"
        || (request.Method == "POST" && RouteTable.KindOfPost(request) is PostKind.Query or PostKind.QueryPlan);

    private static bool IsKey(string? wanted, CosmosRequest request) =>
        wanted is null
        || (PartitionKey.TryParse(wanted, out PartitionKey? key)
            && PartitionKey.TryParse(request.Header(HeaderNames.PartitionKey) ?? "", out PartitionKey? given)
            && key.Equals(given));

    private static string IdOf(Container container, in ResourcePath path) => container.FindId(path.Id) ?? path.Id;

    private Container? ContainerOf(in ResourcePath path) => account.Databases.Find(path.Database)?.Containers.Find(path.Container);

    private bool IsSigned(string signature, string content)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return Base64Url.TryDecodeFromChars(signature, given, out int written) && written == given.Length
            && CryptographicOperations.FixedTimeEquals(given, Sign(content));
    }

    private byte[] Sign(string content) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(content));

    private long Now() => account.Options.Clock.GetUtcNow().ToUnixTimeSeconds();
}
