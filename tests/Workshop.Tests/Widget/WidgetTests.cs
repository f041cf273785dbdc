using Serverless.EventSourcing.Testing;

namespace Serverless.Workshop.Tests;

public sealed class WidgetTests
{
    private static readonly WidgetCreated Created = new("First");

    [Fact]
    public void It_is_created_with_a_title() =>
        Given()
            .When(new CreateWidget("First"))
            .Then(new WidgetCreated("First"))
            .AndState(new WidgetState("First"));

    [Fact]
    public void It_is_not_created_twice() =>
        Given(Created).When(new CreateWidget("First")).ThenRejected(WidgetRejection.AlreadyCreated);

    [Fact]
    public void It_gets_another_title() =>
        Given(Created)
            .When(new RenameWidget("Second"))
            .Then(new WidgetRenamed("Second"))
            .AndState(new WidgetState("Second"));

    [Fact]
    public void The_title_that_it_has_already_changes_nothing() =>
        Given(Created, new WidgetRenamed("Second")).When(new RenameWidget("Second")).ThenNothing();

    [Fact]
    public void What_was_never_created_is_not_renamed() =>
        Given().When(new RenameWidget("Second")).ThenRejected(WidgetRejection.NotCreated);

    private static DeciderGiven<WidgetCommand, WidgetState, WidgetEvent, WidgetRejection> Given(params IReadOnlyList<WidgetEvent> events) =>
        DeciderSpec.For(WidgetAggregate.Definition).Given(events);
}
