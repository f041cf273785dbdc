namespace Serverless.EventSourcing;

/// <summary>What a decider answers: the events to add (none means: nothing to do), or the reason why not.</summary>
public abstract record Decision<TEvent, TRejection>
    where TEvent : class
    where TRejection : struct, Enum
{
    private protected Decision() { } // Closed: every case is in this file.

    public static Decision<TEvent, TRejection> Accept(params IReadOnlyList<TEvent> events) => new Accepted(events);

    public static Decision<TEvent, TRejection> Reject(TRejection reason) => new Rejected(reason);

    public sealed record Accepted(IReadOnlyList<TEvent> Events) : Decision<TEvent, TRejection>;

    public sealed record Rejected(TRejection Reason) : Decision<TEvent, TRejection>;
}

/// <summary>A refusal as clients see it: a stable code in kebab case and a sentence for people.</summary>
public sealed record Rejection(string Code, string Message);
