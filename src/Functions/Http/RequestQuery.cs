using System.Globalization;
using Microsoft.Azure.Functions.Worker.Http;

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
    }
}
