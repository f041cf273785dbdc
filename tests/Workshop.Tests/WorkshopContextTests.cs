using Serverless.EventSourcing;

namespace Serverless.Workshop.Tests;

public sealed class WorkshopContextTests
{
    [Fact]
    public void It_offers_its_aggregates_and_views()
    {
        BoundedContext context = WorkshopContext.Create();

        Assert.Equal(["widget"], context.Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions()).Keys);
        Assert.Equal(["widget-summary"], context.Projections.Select(p => p.Name));
    }

    [Fact]
    public void Every_rejection_has_a_code_and_a_sentence_of_its_own()
    {
        Rejection[] rejections = [.. Enum.GetValues<WidgetRejection>().Select(WidgetRejections.Describe)];

        Assert.Equal(rejections.Length, rejections.DistinctBy(r => r.Code).Count());
        Assert.All(rejections, r => Assert.Matches("^[a-z]+(-[a-z]+)*$", r.Code));
        Assert.All(rejections, r => Assert.Matches("^[A-Z].*\\.$", r.Message));
    }
}
