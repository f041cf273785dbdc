using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// Checks that a request was signed with the account's key or has the token of a permission. COSMOS-PROTOCOL §1.4. Clients sign an id as it was given and send it
/// through a URL, so an id that does not survive this is answered 401, as in the service.
/// </summary>
internal sealed class Authorization(string key, ResourceTokens tokens, TimeProvider clock)
{
    private const int HashBytes = 32;

    private readonly byte[] secret = Convert.FromBase64String(key);

    public CosmosError? Check(CosmosRequest request, in ResourcePath path)
    {
        if (request.Header(HeaderNames.Authorization) is not { Length: > 0 } header)
        {
            return Errors.SignatureMissing;
        }

        string token = Uri.UnescapeDataString(header);
        if (ResourceTokens.IsOne(token))
        {
            return tokens.Check(token, request, path);
        }

        const string start = "type=master&ver=1.0&sig=";
        Span<byte> given = stackalloc byte[HashBytes];
        if (!token.StartsWith(start, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(token[start.Length..], given, out int written) || written != HashBytes)
        {
            return Errors.SignatureWrong;
        }

        string date = (request.Header(HeaderNames.Date) ?? request.Header("Date") ?? "").ToLowerInvariant();
        (string type, string link, string resourceId) = Signed(request.Target, path);
        return Matches(given, request.Method, type, link, date) || (resourceId.Length > 0 && Matches(given, request.Method, type, resourceId, date))
            ? CheckDate(date)
            : Errors.SignatureWrong;
    }

    /// <summary>A signature is good for a while, by the clocks of both sides.</summary>
    private CosmosError? CheckDate(string date)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return !DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset signed) ? Errors.SignatureWrong
            : (now - signed).Duration() > Limits.DateSkew ? Errors.DateSkewed(signed, now)
            : null;
    }

    private bool Matches(ReadOnlySpan<byte> given, string method, string type, string link, string date)
    {
        byte[] payload = Encoding.UTF8.GetBytes($"{method.ToLowerInvariant()}\n{type.ToLowerInvariant()}\n{link}\n{date}\n\n");
        Span<byte> expected = stackalloc byte[HashBytes];
        HMACSHA256.HashData(secret, payload, expected);
        return CryptographicOperations.FixedTimeEquals(given, expected);
    }

    /// <summary>
    /// What the client signed: the path by name, or, for a path of resource ids, only the innermost id in lower case. Which of the
    /// two a path is can't be seen for sure, so both count.
    /// </summary>
    private static (string Type, string Link, string ResourceId) Signed(string target, in ResourcePath path)
    {
        // In an item's path a question mark belongs to the id; anywhere else it begins a query.
        int query = path.Kind == PathKind.Item ? -1 : target.IndexOf('?', StringComparison.Ordinal);
        string link = Uri.UnescapeDataString((query < 0 ? target : target[..query]).TrimStart('/'));
        link = link.TrimEnd('/');
        if (link.Length == 0)
        {
            return ("", "", "");
        }

        if (path.Kind == PathKind.PartitionDeletion)
        {
            return ("colls", string.Join('/', link.Split('/').Take(4)), path.Container.ToLowerInvariant());
        }

        string[] segments = path.Kind == PathKind.Item ? [.. link.Split('/').Take(5), path.Id] : link.Split('/');
        bool isFeed = segments.Length % 2 == 1;
        string type = isFeed ? segments[^1] : segments[^2];
        string signedLink = string.Join('/', isFeed ? segments[..^1] : segments);
        string resourceId = !isFeed ? segments[^1] : segments.Length > 1 ? segments[^2] : "";
        return (type, signedLink, resourceId.ToLowerInvariant());
    }
}
