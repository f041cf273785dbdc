using System.Globalization;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>Reads query parameters. What is there but wrong is a problem, never ignored.</summary>
internal static class RequestQuery
{
    extension(HttpRequestData request)
    {
        /// <summary>A whole number within the limits.</summary>
        public long QueryNumber(string name, long otherwise, long min, long max) =>
            request.Query[name] is not { } text ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max ? value
            : throw new ProblemException(Problem.InvalidQuery(name, $"It is a whole number from {min} to {max}."));

        /// <summary>One of a few words; the first is what absence means.</summary>
        public string QueryWord(string name, params ReadOnlySpan<string> words) =>
            request.Query[name] is not { } text ? words[0]
            : words.Contains(text) ? text
            : throw new ProblemException(Problem.InvalidQuery(name, $"It is one of: {string.Join(", ", words)}."));

        /// <summary>
        /// What a view must have seen, in tokens as commands answer them, one or several with commas: <c>?seen=account-7f3a:12</c>.
        /// </summary>
        public IReadOnlyList<SeenVersion> Seen()
        {
            if (request.Query["seen"] is not { } text)
            {
                return [];
            }
            string[] tokens = text.Split(',');
            return tokens.Length <= HttpLimits.MaxSeenTokens
                ? [.. tokens.Select(SeenVersion.Parse)]
                : throw new ProblemException(Problem.InvalidQuery("seen", $"It names {tokens.Length} streams; {HttpLimits.MaxSeenTokens} are possible."));
        }
    }
}

/// <summary>How far a stream must have gone into a view: the token that a command answers with, such as <c>account-7f3a:12</c>.</summary>
public sealed record SeenVersion(StreamName Stream, long Version)
{
    /// <exception cref="ProblemException">It is no such token.</exception>
    public static SeenVersion Parse(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        int colon = token.IndexOf(':', StringComparison.Ordinal);
        int hyphen = token.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0 && colon > hyphen
            && StreamName.TryCreate(token[..hyphen], token[(hyphen + 1)..colon], out StreamName? stream)
            && long.TryParse(token[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long version)
            && version is >= 1 and <= Limits.MaxVersion
            ? new SeenVersion(stream, version)
            : throw new ProblemException(Problem.InvalidQuery("seen", "It is a stream and its version, such as account-7f3a:12."));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stream.Value}:{Version}");
}
