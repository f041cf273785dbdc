using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>The one registration: everything the platform needs to know. Names are stored for ever.</summary>
public static class WidgetAggregate
{
    public const string Category = "widget";

    /// <summary>Raise it when the shape or the meaning of <see cref="WidgetState"/> changes: older snapshots are then ignored.</summary>
    public const int StateSchemaVersion = 1;

    public static Aggregate<WidgetCommand, WidgetState, WidgetEvent, WidgetRejection> Definition { get; } = new()
    {
        Category = Category,
        Initial = () => WidgetState.Initial,
        Decide = WidgetRules.Decide,
        Evolve = WidgetRules.Evolve,
        Events = new EventCodecBuilder<WidgetEvent>()
            .Add("widget.created", 1, WidgetJson.Default.WidgetCreated)
            .Add("widget.renamed", 1, WidgetJson.Default.WidgetRenamed)
            .Build(),
        Commands = new CommandCatalog<WidgetCommand>
        {
            { "create", WidgetCommandJson.Default.CreateWidget, WidgetCommandChecks.Check, "Makes a new one, once.", new CreateWidget("First") },
            { "rename", WidgetCommandJson.Default.RenameWidget, WidgetCommandChecks.Check, "Gives it another title.", new RenameWidget("Second") },
        },
        Describe = WidgetRejections.Describe,
        StateJson = WidgetJson.Default.WidgetState,
        Snapshots = new SnapshotSchema(StateSchemaVersion, EveryEvents: 10),
    };
}
