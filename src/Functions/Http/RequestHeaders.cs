using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>Reads the headers that mean something here. What is there but wrong is a problem, never ignored.</summary>
internal static class RequestHeaders
{
    extension(HttpRequestData request)
    {
        /// <summary>The value as it was sent; null when the header is not there.</summary>
        public string? Header(string name) =>
            request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) && values.ToString().Trim() is { Length: > 0 } value
                ? value
                : null;

        /// <summary><c>Idempotency-Key</c>, bare or as the quoted string of its draft standard.</summary>
        public string? IdempotencyKey()
        {
            string? value = request.Header("Idempotency-Key") is ['"', .. string quoted, '"'] ? quoted : request.Header("Idempotency-Key");
            return value switch
            {
                null => null,
                _ when !CommitRules.IsCommandId(value) => throw new ProblemException(Problem.InvalidHeader(
                    "Idempotency-Key", $"It has 1 to {Limits.MaxCommandIdLength} visible ASCII characters.")),
                _ when SystemCommandId.IsReserved(value) => throw new ProblemException(Problem.InvalidHeader(
                    "Idempotency-Key", $"Keys that begin with '{SystemCommandId.Prefix}' are reserved for the system. Use another first character.")),
                _ => value,
            };
        }

        public string? CorrelationId() =>
            request.Header("X-Correlation-Id") is not { } value ? null
            : value.Length <= HttpLimits.MaxCorrelationIdLength && value.All(c => c is > ' ' and <= '~') ? value
            : throw new ProblemException(Problem.InvalidHeader(
                "X-Correlation-Id", $"It has 1 to {HttpLimits.MaxCorrelationIdLength} visible ASCII characters."));

        /// <summary>The version that a command was decided on: <c>If-Match: "12"</c>, or <c>If-None-Match: *</c> for a stream that must be new.</summary>
        public ExpectedVersion ExpectedVersion()
        {
            if (request.Header("If-None-Match") is { } ifNoneMatch)
            {
                return ifNoneMatch == "*" && request.Header("If-Match") is null
                    ? new ExpectedVersion(0, MustExist: false)
                    : throw new ProblemException(Problem.InvalidHeader(
                        "If-None-Match", "With a command it can only be *, without If-Match: the stream must not exist yet."));
            }
            return request.Header("If-Match") switch
            {
                null => new ExpectedVersion(null, MustExist: false),
                "*" => new ExpectedVersion(null, MustExist: true),
                ['"', .. string digits, '"'] when IsVersion(digits, out long version) => new ExpectedVersion(version, MustExist: false),
                _ => throw new ProblemException(Problem.InvalidHeader(
                    "If-Match", "It is one strong ETag, the version in quotes as answers give it (\"12\"), or *.")),
            };
        }

        /// <summary>Whether the client has this representation already. Compared weakly, as RFC 9110 says for this header.</summary>
        public bool IfNoneMatch(string etag) =>
            request.Header("If-None-Match") is { } known
            && (known == "*" || known.Split(',', StringSplitOptions.TrimEntries).Any(tag => WithoutWeakness(tag) == etag));
    }

    private static string WithoutWeakness(string etag) => etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag;

    private static bool IsVersion(string digits, out long version) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version <= Limits.MaxVersion;
}

/// <summary>What a command demands of its stream: an exact version, that it exists at all, or nothing.</summary>
internal readonly record struct ExpectedVersion(long? Version, bool MustExist);
