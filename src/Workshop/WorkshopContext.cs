using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>The bounded context: one line per aggregate, view and process.</summary>
public static class WorkshopContext
{
    public static BoundedContext Create() => new BoundedContext()
        .Add(WidgetAggregate.Definition)
        .Add(WidgetSummaryView.Projection);
}
