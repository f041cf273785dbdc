namespace Serverless.EventSourcing;

/// <summary>
/// Which streams share a view. The key of a stream never changes, because the fence of a view counts on seeing every commit of
/// each of its streams; it therefore depends on nothing but the stream's name or the first of its events that names one.
/// </summary>
public sealed class ViewKey<TEvent>
    where TEvent : class
{
    private readonly Func<EventEnvelope<TEvent>, string?>? group;

    private ViewKey(Func<EventEnvelope<TEvent>, string?>? group) => this.group = group;

    /// <summary>One view per stream; its key is the id of the stream.</summary>
    public static ViewKey<TEvent> Stream { get; } = new(group: null);

    /// <summary>
    /// One view per key that streams name: all accounts of an owner. The first event of a stream for which <paramref name="group"/> is
    /// not null decides for its whole life; a stream that names no key yet feeds no view, and is applied from its start once it does.
    /// </summary>
    public static ViewKey<TEvent> NamedBy(Func<EventEnvelope<TEvent>, string?> group) => new(group);

    internal string? Of(StreamName stream) => group is null ? stream.Id : null;

    internal string? Of(Commit commit, EventSources<TEvent> sources) =>
        group is null
            ? commit.Stream.Id
            : sources.Envelopes(commit).Select(e => UserCode.Run(e, CheckedGroup)).FirstOrDefault(key => key is not null);

    private string? CheckedGroup(EventEnvelope<TEvent> envelope) =>
        group?.Invoke(envelope) is not { } key ? null
        : ViewRules.IsKey(key) ? key
        : throw new InvalidOperationException($"A key of a view has 1 to {ViewLimits.MaxKeyBytes} bytes.");
}
