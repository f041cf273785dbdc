using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>Names for examples, of the context that is described: what a page fills in should be there.</summary>
internal sealed record ApiExamples(string Category, string Command, string Rejection, string Projection, string Consumer)
{
    public const string Id = "7f3a";

    public const string MessageId = "a1b2c3";

    public string Stream => $"{Category}-{Id}";

    public string Address => $"/{Routes.Prefix}/{Category}/{Id}";

    public static ApiExamples Of(BoundedContext context)
    {
        AggregateShape? aggregate = context.Aggregates.Count > 0 ? context.Aggregates[0] : null;
        IProjection? projection = context.Projections.Count > 0 ? context.Projections[0] : null;
        return new ApiExamples(
            aggregate?.Category ?? "category",
            aggregate?.Commands.FirstOrDefault(c => !c.IsInternal)?.Name ?? "command",
            aggregate?.Rejections() is [{ } first, ..] ? first.Code : ProblemKind.CommandRejected.Name,
            projection?.Name ?? "projection",
            projection?.FullName ?? "projection@1");
    }
}
