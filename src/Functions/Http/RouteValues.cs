using System.Collections.Frozen;
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

    extension(BoundedContext context)
    {
        public IProjection RequireView(string name) =>
            context.Projections.FirstOrDefault(p => p.Name == name)
            ?? throw new ProblemException(new Problem(
                ProblemKind.UnknownView, $"There is no view '{name}'. There is: {string.Join(", ", context.Projections.Select(p => p.Name))}."));
    }
    extension(ConsumerFeed feed)
    {
        public IConsumer Require(string name) =>
            feed.Consumers.FirstOrDefault(c => c.FullName == name) ?? throw new ProblemException(feed.Unknown(name));

        public Problem Unknown(string name) => new(
            ProblemKind.UnknownConsumer, $"There is no consumer '{name}'. There is: {string.Join(", ", feed.Consumers.Select(c => c.FullName))}.");
    }
}
