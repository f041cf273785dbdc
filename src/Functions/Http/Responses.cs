using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.Functions.Http;

/// <summary>Every answer is made here, so that all have the same headers.</summary>
internal static class Responses
{
    private const string Json = "application/json; charset=utf-8";
    private const string ProblemJson = "application/problem+json; charset=utf-8";

    extension(HttpRequestData request)
    {
        public HttpResponseData Empty(HttpStatusCode status)
        {
            HttpResponseData response = request.CreateResponse();
            response.StatusCode = status;
            response.Headers.Add("traceresponse", request.FunctionContext.TraceContext.TraceParent);
            response.Headers.Add("X-Content-Type-Options", "nosniff");
            response.Headers.Add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            response.Headers.Add("Referrer-Policy", "no-referrer"); // An address may hold a key.
            return response;
        }

        public async Task<HttpResponseData> JsonAsync<T>(
            HttpStatusCode status, T body, JsonTypeInfo<T> json, CancellationToken cancellationToken)
        {
            HttpResponseData response = request.Empty(status);
            response.Headers.Add("Content-Type", Json);
            response.Headers.Add("Cache-Control", "no-store");
            await response.WriteLineAsync(JsonSerializer.SerializeToUtf8Bytes(body, json), cancellationToken);
            return response;
        }

        /// <summary>An answer that a client may keep and ask about again with <c>If-None-Match</c>.</summary>
        public async Task<HttpResponseData> CacheableAsync(string etag, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            bool isUnchanged = request.IfNoneMatch(etag);
            HttpResponseData response = request.Empty(isUnchanged ? HttpStatusCode.NotModified : HttpStatusCode.OK);
            response.Headers.Add("ETag", etag);
            response.Headers.Add("Cache-Control", "private, no-cache"); // Keep it, but ask before using it.
            if (!isUnchanged)
            {
                response.Headers.Add("Content-Type", Json);
                await response.WriteLineAsync(body, cancellationToken);
            }
            return response;
        }

        /// <summary>Takes no token: who cancelled still gets an answer if the connection lasts.</summary>
        public async Task<HttpResponseData> ProblemAsync(Problem problem)
        {
            HttpResponseData response = request.Empty(problem.Kind.Status);
            response.Headers.Add("Content-Type", ProblemJson);
            response.Headers.Add("Cache-Control", "no-store");
            response.AddRequestCharge(problem.RequestCharge);
            if (problem.RetryAfter is { } wait)
            {
                response.Headers.Add("Retry-After", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
            }
            if (problem.Allow is { } allow)
            {
                response.Headers.Add("Allow", allow);
            }
            ProblemDocument document = new(
                problem.Kind.Type,
                problem.Kind.Title,
                (int)problem.Kind.Status,
                problem.Detail,
                request.Url.AbsolutePath,
                problem.Code,
                problem.Errors.Count == 0 ? null : problem.Errors,
                problem.Stream?.Value,
                problem.Version,
                problem.WantedVersion,
                problem.CommandId,
                request.TraceId());
            await response.WriteLineAsync(JsonSerializer.SerializeToUtf8Bytes(document, ApiJson.Relaxed.ProblemDocument), CancellationToken.None);
            return response;
        }

        /// <summary>The second part of <c>version-traceid-spanid-flags</c>, by which the logs of this request are found.</summary>
        public string? TraceId() =>
            request.FunctionContext.TraceContext.TraceParent?.Split('-') is [_, { Length: 32 } traceId, ..] ? traceId : null;
    }

    extension(HttpResponseData response)
    {
        /// <summary>Ends the line, for those who read answers in a terminal.</summary>
        private async Task WriteLineAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
        {
            await response.Body.WriteAsync(json, cancellationToken);
            response.Body.WriteByte((byte)'\n');
        }

        /// <summary>Request units, 0 where the store has none.</summary>
        public void AddRequestCharge(double charge)
        {
            if (charge > 0)
            {
                response.Headers.Add("x-request-charge", Math.Round(charge, 2).ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
