using Serverless.EventSourcing.Testing;

namespace Serverless.Workshop.Tests;

public sealed class WidgetSummaryTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void It_shows_the_last_title_and_how_often_it_changed() =>
        ViewSpec.For(WidgetSummaryView.Projection)
            .GivenNothing()
            .When(History.Of(WidgetAggregate.Definition, "7f3a")
                .At(Monday).Commit(new WidgetCreated("First"))
                .At(Monday.AddDays(1)).Commit(new WidgetRenamed("Second"))
                .At(Monday.AddDays(2)).Commit(new WidgetRenamed("Third"))
                .Envelopes)
            .ThenView(new WidgetSummary { Title = "Third", Renamed = 2, CreatedAt = Monday, ChangedAt = Monday.AddDays(2) });
}
