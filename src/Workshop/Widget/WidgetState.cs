namespace Serverless.Workshop;

/// <summary>
/// What the rules need to know, and nothing else: views are for showing. Stored in snapshots: raise
/// <see cref="WidgetAggregate.StateSchemaVersion"/> when the shape or its meaning changes.
/// </summary>
/// <param name="Title">Null until it is created.</param>
public sealed record WidgetState(string? Title)
{
    public static WidgetState Initial { get; } = new(Title: null);

    /// <summary>A method, since properties are stored.</summary>
    public bool IsCreated() => Title is not null;
}
