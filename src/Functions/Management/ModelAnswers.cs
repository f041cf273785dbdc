using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>What this app consists of. Mirrors wire data.</summary>
internal sealed record ModelAnswer(IReadOnlyList<AggregateAnswer> Aggregates, IReadOnlyList<ModelConsumerAnswer> Consumers);

/// <summary>Mirrors wire data.</summary>
internal sealed record AggregateAnswer(
    string Category, string Policy, IReadOnlyList<ModelCommandAnswer> Commands, IReadOnlyList<ModelEventAnswer> Events, IReadOnlyList<RejectionAnswer> Rejections)
{
    public static AggregateAnswer Of(AggregateShape shape, string policy) => new(
        shape.Category,
        policy,
        [.. shape.Commands.Select(c => new ModelCommandAnswer(c.Name, c.Summary, c.IsInternal))],
        [.. shape.EventVersions.GroupBy(v => v.Name).Select(g => new ModelEventAnswer(g.Key, g.Single(v => v.IsCurrent).Version, [.. g.Select(v => v.Version)]))],
        [.. shape.Rejections().Select(r => new RejectionAnswer(r.Code, r.Message))]);
}

/// <summary>Clients can't send an internal command. Mirrors wire data.</summary>
internal sealed record ModelCommandAnswer(string Name, string Summary, bool IsInternal);

/// <summary>An event with the version that is written and those that can be read. Mirrors wire data.</summary>
internal sealed record ModelEventAnswer(string Name, int Version, IReadOnlyList<int> Versions);

/// <summary>Mirrors wire data.</summary>
internal sealed record RejectionAnswer(string Code, string Detail);

/// <summary>Who is fed with the commits of which categories. Mirrors wire data.</summary>
internal sealed record ModelConsumerAnswer(string Consumer, string Kind, IReadOnlyList<string> Categories);
