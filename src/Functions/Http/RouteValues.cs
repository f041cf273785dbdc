using System.Collections.Frozen;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Http;

/// <summary>What the segments of a path name; what they don't name is a problem.</summary>
internal static class RouteValues
{
    public static StreamName RequireStream(string category, string id) =>
        StreamName.TryCreate(category, id, out StreamName? stream)
            ? stream
            : throw new ProblemException(new Problem(
                ProblemKind.InvalidRequest, $"The id of a stream has 1 to {Limits.MaxStreamIdLength} letters, digits and '.', '_', '~', '-'.")
            {
                Errors = [new ValidationError("id", "The characters or the length are not allowed.")],
            });

    extension(FrozenDictionary<string, IAggregateEndpoint> aggregates)
    {
        public IAggregateEndpoint Require(string category) =>
            aggregates.TryGetValue(category, out IAggregateEndpoint? aggregate)
                ? aggregate
                : throw new ProblemException(new Problem(
                    ProblemKind.UnknownCategory,
                    $"There is no '{category}' here. There is: {string.Join(", ", aggregates.Keys.Order(StringComparer.Ordinal))}."));
    }

    extension(VersionedProjections projections)
    {
        /// <summary>The name of a projection, if it is one.</summary>
        public string Require(string name) =>
            projections.Contains(name)
                ? name
                : throw new ProblemException(new Problem(
                    ProblemKind.UnknownView, $"There is no view '{name}'. There is: {string.Join(", ", projections.Names)}."));

        /// <summary>Who answers for a view: the version that serves, or the one that <c>?version=</c> asks for.</summary>
        public async ValueTask<ServedProjection> RequireViewAsync(HttpRequestData request, string name, CancellationToken cancellationToken)
        {
            if (request.Query["version"] is null)
            {
                return await projections.ServingAsync(projections.Require(name), cancellationToken);
            }
            long version = request.QueryNumber("version", otherwise: 1, min: 1, int.MaxValue);
            IReadOnlyList<IProjection> versions = projections.InCode(projections.Require(name));
            return versions.FirstOrDefault(p => p.Version == version) is { } asked
                ? new ServedProjection(asked, asked.Version, IsBuilding: (await projections.FindAsync(asked, cancellationToken)).CaughtUpAt is null)
                : throw new ProblemException(Problem.InvalidQuery(
                    "version", $"'{name}' has no version {version} here. It has: {string.Join(", ", versions.Select(v => v.Version))}."));
        }
    }

    extension(ConsumerFeed feed)
    {
        public IConsumer Require(string name) =>
            feed.Consumers.FirstOrDefault(c => c.FullName == name) ?? throw new ProblemException(feed.Unknown(name));

        public Problem Unknown(string name) => new(
            ProblemKind.UnknownConsumer, $"There is no consumer '{name}'. There is: {string.Join(", ", feed.Consumers.Select(c => c.FullName))}.");
    }
}
