namespace Serverless.Workshop;

/// <summary>Facts. Names and shapes are stored: change them only through an upcaster.</summary>
public abstract record WidgetEvent
{
    private protected WidgetEvent() { } // Closed: every case is in this file.
}

public sealed record WidgetCreated(string Title) : WidgetEvent;

public sealed record WidgetRenamed(string Title) : WidgetEvent;
