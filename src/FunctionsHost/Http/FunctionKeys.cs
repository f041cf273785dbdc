using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Functions;

namespace Serverless.FunctionsHost.Http;

/// <summary>
/// Decides what the key of a request opens. A key has one level, and opens functions of exactly that level; the master key opens all.
/// </summary>
internal sealed class FunctionKeys(IOptions<FunctionsHostOptions> options)
{
    private const string LevelClaim = "http://schemas.microsoft.com/2017/07/functions/claims/authlevel";
    private const string KeyNameClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    /// <summary>Whether the request may run the function, and who it is then (nobody in particular: null).</summary>
    public (bool IsAllowed, ClaimsIdentity? Identity) Authorize(HttpRequest request, string functionName, KeyLevel required)
    {
        if (!options.Value.RequireKeys)
        {
            return (true, Identity(KeyLevel.Admin, null, "WebJobsCliAuth"));
        }

        (string? name, KeyLevel level) = Find(ReadKey(request), functionName);
        bool isAllowed = required == KeyLevel.Anonymous || level == KeyLevel.Admin || level == required;
        return (isAllowed, level == KeyLevel.Anonymous ? null : Identity(level, name, "WebJobsAuthLevel"));
    }

    private static string? ReadKey(HttpRequest request) =>
        request.Headers.TryGetValue("x-functions-key", out var header) ? header.FirstOrDefault() : request.Query["code"].FirstOrDefault();

    private (string? Name, KeyLevel Level) Find(string? key, string functionName)
    {
        FunctionKeyOptions keys = options.Value.Keys;
        if (string.IsNullOrEmpty(key))
        {
            return (null, KeyLevel.Anonymous);
        }

        if (IsSame(keys.Master, key))
        {
            return ("master", KeyLevel.Admin);
        }

        if (NameOf(keys.System, key) is { } system)
        {
            return (system, KeyLevel.System);
        }

        string? function = NameOf(keys.Host, key)
            ?? (keys.Functions.TryGetValue(functionName, out Dictionary<string, string>? own) ? NameOf(own, key) : null);
        return function is null ? (null, KeyLevel.Anonymous) : (function, KeyLevel.Function);
    }

    private static string? NameOf(IDictionary<string, string> keys, string key) =>
        keys.Where(pair => IsSame(pair.Value, key)).Select(pair => pair.Key).FirstOrDefault();

    // In constant time, so that an answer does not tell how much of a guess was right.
    private static bool IsSame(string? expected, string given) =>
        !string.IsNullOrEmpty(expected)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));

    private static ClaimsIdentity Identity(KeyLevel level, string? keyName, string scheme)
    {
        var identity = new ClaimsIdentity([new Claim(LevelClaim, level.ToString())], scheme);
        if (keyName is not null)
        {
            identity.AddClaim(new Claim(KeyNameClaim, keyName));
        }

        return identity;
    }
}
