namespace Serverless.EventSourcing;

/// <summary>
/// Which streams share a view. The key of a stream never changes, because the fence of a view counts on seeing every commit of
/// each of its streams; it therefore depends on nothing but the stream's name and first commit.
/// </summary>
public sealed class ViewKey<TEvent>
    where TEvent : class
{
    private readonly Func<EventEnvelope<TEvent>, string?>? group;

    private ViewKey(Func<EventEnvelope<TEvent>, string?>? group) => this.group = group;

    /// <summary>One view per stream; its key is the id of the stream.</summary>
    public static ViewKey<TEvent> Stream { get; } = new(group: null);

    /// <summary>
    /// One view per key that the events of a stream's first commit name, the first that is not null: all accounts of an owner.
    /// </summary>
    public static ViewKey<TEvent> OfFirstCommit(Func<EventEnvelope<TEvent>, string?> group) => new(group);

    internal async ValueTask<string?> OfAsync(
        StreamName stream, EventSources<TEvent> sources, FirstCommitReader firstCommit, CancellationToken cancellationToken)
    {
        if (group is null)
        {
            return stream.Id;
        }
        Commit? first = await firstCommit(stream, cancellationToken);
        return first is null ? null : sources.Envelopes(first).Select(e => UserCode.Run(e, group)).FirstOrDefault(key => key is not null);
    }
}
