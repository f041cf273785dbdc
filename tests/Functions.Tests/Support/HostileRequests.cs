using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Functions.Tests.Support;

/// <summary>
/// Requests that nobody means well with, the same for the same seed: every address of the API with segments, queries, headers and bodies
/// that break something. No body is a valid command, so whatever is written is a fault.
/// </summary>
internal sealed class HostileRequests(int seed)
{
    /// <summary>Stands in everything that a client sends, and must be in no log.</summary>
    public const string Secret = "hunter2";

    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "BREW"];

    /// <summary>What brings a request past the address, to the place where the rest of it is read.</summary>
    private static readonly Dictionary<string, string[]> Sensible = new(StringComparer.Ordinal)
    {
        ["{category}"] = ["account", "transfer"],
        ["{command}"] = ["open", "deposit", "withdraw", "change-overdraft-limit", "freeze", "request"],
        ["{view}"] = ["account-summary", "account-statement", "customer-portfolio", "bank-totals"],
        ["{consumer}"] = ["account-summary@1", "transfer-process@1", "inbox@1"],
        ["{projection}"] = ["account-summary", "bank-totals"],
        ["{stream}"] = ["account-7", "transfer-7"],
        ["{problem}"] = ["busy"],
    };

    private static readonly string[] Segments =
    [
        "account", "transfer", "views", "health", "manage", "docs", "open", "deposit", "withdraw", "close", "events", "commands", "entries",
        "account-summary", "bank-totals", "account-summary@1", "account-7", Secret, "", ".", "..", "%2e%2e", "%2F", "%5c", "%00", "%0d%0a", "%", "%zz", "%c0%af",
        "%ed%a0%80", "%f0%9f%a6%8a", "%e2%80%ae", "a%20b", "a;b", "a:b", "~", "-", "--", "'%20OR%201=1", "%3Cscript%3E", "*", "{id}", "con", "0", "-1",
        "9223372036854775808", "1e309", "NaN", "00000000000000000000000000000001", new('a', 255), new('a', 256), new('a', 5_000), "ACCOUNT", "Account-7",
        "account-", "-7", "account-%00", "account-\u00e9", "@", "@1", "account-summary@", "account-summary@-1", "account-summary@99999999999999999999",
    ];

    private static readonly string[] Queries =
    [
        "", "?", "?from=-1", "?from=9223372036854775808", "?limit=0", "?limit=1e3", "?limit=99999999999", "?version=-1", "?version=x", "?version=0", "?at=never",
        "?at=0000-00-00T00:00:00Z", "?at=9999-12-31T23:59:59.9999999Z", "?at=2026-11-23T09:30:00", "?version=1&at=2026-11-23T09:30:00Z", "?pageSize=-5",
        "?pageSize=2147483648", "?continuation=", "?continuation=AAAA", "?continuation=%00", "?continuation=eyJhIjoxfQ==", "?order=sideways", "?seen=", "?seen=account-7",
        "?seen=account-7:x", "?seen=account-7:-1", "?seen=:1", "?seen=nothing-7:1", "?seen=account-7:1,account-7:2,%00", "?consumer=", "?consumer=%00",
        "?category=", "?category=%27", "?category=nothing", "?from=then&to=now", "?dryRun=perhaps", "?code=" + Secret, "?a=1&a=2", "?%00=%00", "?=&&=&", "?" + new string('q', 8_000),
    ];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("If-Match", "x"), ("If-Match", "\"-1\""), ("If-Match", "\"99999999999999999999\""), ("If-Match", "*"), ("If-Match", "W/\"1\""), ("If-None-Match", "\"\u0001\""),
        ("Idempotency-Key", ""), ("Idempotency-Key", new string('k', 10_000)), ("Idempotency-Key", "a b"), ("Idempotency-Key", "\u00e9\u00e9"), ("Idempotency-Key", "../x"), ("Idempotency-Key", "~process/x/y"),
        ("X-Correlation-Id", new string('c', 10_000)), ("X-Correlation-Id", "<script>"), ("X-Correlation-Id", "a\tb"), ("traceparent", "00-zz"), ("traceparent", "ff-" + new string('0', 52)),
        ("tracestate", new string('=', 3_000)), ("Prefer", "respond-async; wait=-1"), ("Prefer", "return=minimal, respond-async=yes"), ("Accept", "text/html;q=2"),
        ("X-MS-CLIENT-PRINCIPAL", "bm90IGpzb24="), ("X-MS-CLIENT-PRINCIPAL", "\u20ac"), ("X-MS-CLIENT-PRINCIPAL-NAME", "admin"), ("X-Forwarded-Host", "evil.example"),
        ("Host", "evil.example"), ("x-functions-key", Secret), ("Authorization", "Bearer " + Secret), ("Range", "bytes=0-"), ("Content-Encoding", "gzip"), ("Expect", "nothing"),
        ("Cookie", new string(';', 2_000)), ("X-HTTP-Method-Override", "DELETE"), ("Accept-Encoding", "bomb"), ("If-Modified-Since", "yesterday"),
    ];

    private static readonly string[] ContentTypes =
        ["application/json", "application/json; charset=utf-16", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json; charset=nothing"];

    private static readonly byte[][] Bodies =
    [
        [], "{"u8.ToArray(), "}"u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(), "[[[[]]]]"u8.ToArray(), "0"u8.ToArray(), "\"\""u8.ToArray(), "true"u8.ToArray(), [0], [0xFF, 0xFE, 0x7B, 0x7D],
        [0xEF, 0xBB, 0xBF, .. "{"u8], "{\"owner\":\"hunter2\"}"u8.ToArray(), "{\"owner\":1,\"currency\":2}"u8.ToArray(), "{\"owner\":\"a\",\"currency\":\"EUR\",\"owner\":\"b\"}"u8.ToArray(),
        "{\"owner\":\"hunter2\",\"currency\":\"EUR\",\"isAdmin\":true}"u8.ToArray(), "{\"owner\":\"a\",\"currency\":\"XXXX\"}"u8.ToArray(), "{\"amount\":1}"u8.ToArray(), "{\"amount\":null}"u8.ToArray(),
        "{\"amount\":{\"minorUnits\":9223372036854775808,\"currency\":\"EUR\"}}"u8.ToArray(), "{\"amount\":{\"minorUnits\":1e2,\"currency\":\"EUR\"}}"u8.ToArray(),
        "{\"amount\":{\"minorUnits\":-0.5,\"currency\":\"EUR\"}}"u8.ToArray(), "{\"amount\":{\"minorUnits\":NaN,\"currency\":\"EUR\"}}"u8.ToArray(),
        "{\"amount\":{\"minorUnits\":\"1\",\"currency\":\"\\ud800\"}}"u8.ToArray(), "{\"$type\":\"System.Object\",\"owner\":\"a\"}"u8.ToArray(), "{\"__proto__\":{}}"u8.ToArray(),
        "{\"version\":1}"u8.ToArray(), "{\"version\":-1,\"reason\":\"hunter2\"}"u8.ToArray(), "{\"reason\":null}"u8.ToArray(), "{\"reason\":7,\"version\":\"1\"}"u8.ToArray(), "{\"a\":1,}"u8.ToArray(),
        "{/*hunter2*/}"u8.ToArray(), "{'owner':'a'}"u8.ToArray(), [.. "{\"owner\":\""u8, 0xC3, 0x28, .. "\"}"u8], Deep('['), Deep('{'), Large(), Number(), Escapes(),
    ];

    private readonly Random random = new(seed);

    /// <summary>One request to a route, mostly by a method that it has, or to an address that is in none.</summary>
    public HttpRequestMessage Next(Uri api, IReadOnlyList<(string Route, IReadOnlyList<string> Methods)> routes)
    {
        (string route, IReadOnlyList<string> methods) = routes[random.Next(routes.Count)];
        string path = random.Next(8) == 0
            ? string.Join('/', Enumerable.Range(0, random.Next(1, 7)).Select(_ => Pick(Segments)))
            : string.Join('/', route.Split('/').Select(Segment));
        string method = random.Next(6) == 0 ? Pick(Methods) : methods[random.Next(methods.Count)].ToUpperInvariant();
        Uri address = new(
            $"{api.AbsoluteUri}{path}{Pick(Queries)}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        HttpRequestMessage request = new(new HttpMethod(method), address);
        for (int n = random.Next(4); n > 0; n--)
        {
            (string name, string value) = Headers[random.Next(Headers.Length)];
            request.Headers.TryAddWithoutValidation(name, value);
        }
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head && request.Method.Method != "TRACE" && random.Next(8) != 0)
        {
            ByteArrayContent body = new(Bodies[random.Next(Bodies.Length)]);
            if (random.Next(10) != 0)
            {
                body.Headers.ContentType = MediaTypeHeaderValue.Parse(random.Next(3) == 0 ? Pick(ContentTypes) : ContentTypes[0]);
            }
            request.Content = body;
        }
        return request;
    }

    private string Segment(string template)
    {
        // A constraint stands behind the name.
        string name = template.StartsWith('{') ? $"{template.Split(':')[0].Trim('{', '}')}" : "";
        return random.Next(12) == 0 ? Pick(Segments)
            : name.Length == 0 ? template
            : Sensible.TryGetValue($"{{{name}}}", out string[]? values) && random.Next(4) != 0 ? Pick(values)
            : Pick(Segments);
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];

    private static byte[] Deep(char open) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(open == '{' ? "{\"a\":" : "[", 30_000)));

    private static byte[] Large() => [.. "{\"owner\":\""u8, .. Enumerable.Repeat((byte)'a', 300 * 1024), .. "\",\"currency\":\"EUR\",\"x\":1}"u8];

    private static byte[] Number() =>
        Encoding.ASCII.GetBytes($$$"""{"amount":{"minorUnits":{{{new string('9', 5_000)}}},"currency":"EUR"}}""");

    private static byte[] Escapes() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $$"""{"owner":"{{string.Concat(Enumerable.Repeat("\\u0000\\udc00", 500))}}","currency":"EUR"}"""));
}
