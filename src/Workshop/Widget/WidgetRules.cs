using System.Diagnostics;
using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>The rules: pure, total, and without a clock.</summary>
public static class WidgetRules
{
    public static Decision<WidgetEvent, WidgetRejection> Decide(WidgetCommand command, WidgetState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            CreateWidget when state.IsCreated() => Reject(WidgetRejection.AlreadyCreated),
            CreateWidget c => Accept(new WidgetCreated(c.Title)),
            _ when !state.IsCreated() => Reject(WidgetRejection.NotCreated),

            // Asking again for what is so already changes nothing; a retry therefore stays quiet.
            RenameWidget c when c.Title == state.Title => Accept(),
            RenameWidget c => Accept(new WidgetRenamed(c.Title)),
            _ => throw new UnreachableException($"No rule for {command?.GetType().Name}."),
        };
    }

    public static WidgetState Evolve(WidgetState state, WidgetEvent @event)
    {
        ArgumentNullException.ThrowIfNull(state);
        return @event switch
        {
            WidgetCreated e => state with { Title = e.Title },
            WidgetRenamed e => state with { Title = e.Title },
            _ => throw new UnreachableException($"No step for {@event?.GetType().Name}."),
        };
    }

    private static Decision<WidgetEvent, WidgetRejection> Accept(params WidgetEvent[] events) => Decision<WidgetEvent, WidgetRejection>.Accept(events);

    private static Decision<WidgetEvent, WidgetRejection> Reject(WidgetRejection reason) => Decision<WidgetEvent, WidgetRejection>.Reject(reason);
}
