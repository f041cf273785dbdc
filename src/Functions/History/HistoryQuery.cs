using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>Reads which stream and which point of it are asked for.</summary>
internal static class HistoryQuery
{
    extension(FrozenDictionary<string, IAggregateEndpoint> aggregates)
    {
        /// <exception cref="ProblemException">It is no name of a stream, or no aggregate has such streams.</exception>
        public (IAggregateEndpoint Aggregate, StreamName Stream) RequireStream(string stream)
        {
            int hyphen = stream.IndexOf('-', StringComparison.Ordinal);
            return hyphen > 0
                ? (aggregates.Require(stream[..hyphen]), RouteValues.RequireStream(stream[..hyphen], stream[(hyphen + 1)..]))
                : throw new ProblemException(new Problem(ProblemKind.InvalidRequest, "A stream is named by category and id, such as account-7f3a."));
        }
    }

    extension(HttpRequestData request)
    {
        /// <summary><c>?version=12</c> or <c>?at=2026-11-23T09:30:00Z</c>; neither is the end.</summary>
        public StreamPoint Point(long firstVersion = 1)
        {
            string? version = request.Query["version"];
            string? at = request.Query["at"];
            if (version is not null && at is not null)
            {
                throw new ProblemException(Problem.InvalidQuery("at", "It can't be combined with 'version'."));
            }
            if (version is not null)
            {
                return StreamPoint.At(request.QueryNumber("version", otherwise: 0, firstVersion, Limits.MaxVersion));
            }
            return request.Instant("at") is { } instant ? StreamPoint.At(instant) : StreamPoint.End;
        }

        /// <summary>An instant such as <c>2026-11-23T09:30:00Z</c>; null without the parameter.</summary>
        public DateTimeOffset? Instant(string name) =>
            request.Query[name] is not { } text ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) ? instant
            : throw new ProblemException(Problem.InvalidQuery(name, "It is an instant such as 2026-11-23T09:30:00Z."));
    }

    extension(StreamPoint point)
    {
        /// <exception cref="ProblemException">The stream did not exist then, or is not that long.</exception>
        public void RequireReached(StateDocument state)
        {
            if (state.Version == 0)
            {
                throw new ProblemException(point.Instant is { } instant
                    ? new Problem(ProblemKind.UnknownStream, string.Create(CultureInfo.InvariantCulture, $"{state.Stream} did not exist at {instant.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}."))
                    { Stream = state.Stream, Version = 0 }
                    : Unknown(state.Stream));
            }
            if (point.Version is { } version && version > state.Version)
            {
                throw new ProblemException(Beyond(state.Stream, version, state.Version));
            }
        }
    }

    public static Problem Unknown(StreamName stream) =>
        new(ProblemKind.UnknownStream, $"There is no {stream.Category} '{stream.Id}'.") { Stream = stream, Version = 0 };

    public static Problem Beyond(StreamName stream, long wanted, long version) =>
        new(ProblemKind.UnknownVersion, $"{stream} ends at version {version}.") { Stream = stream, Version = version, WantedVersion = wanted };
}
