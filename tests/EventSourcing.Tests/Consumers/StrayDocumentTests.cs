using System.Text.Json;

namespace Serverless.EventSourcing.Tests;

/// <summary>A document among the commits that belongs to no version of any stream: listed, discardable, and in nobody's way.</summary>
public sealed class StrayDocumentTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Strays => new()
    {
        { """{"id":"x"}""", ":x" },
        { """{"id":"x","stream":"purse-a"}""", "purse-a:x" },
        { """{"id":"0000000001","stream":"no stream name"}""", "no%20stream%20name:0000000001" },
        { """{"id":"a:b","stream":7}""", "7:a%3Ab" },
        { """{"id":"an-id"}""", ":an-id" },
        { """{"id":"x","stream":"No-stream"}""", "No-stream:x" },
    };

    [Theory]
    [MemberData(nameof(Strays))]
    public async Task It_is_listed_under_a_name_of_its_own_and_no_stream_waits_for_it(string json, string name)
    {
        Delivery stray = Add(json);
        Commit commit = await world.AddAsync("a", 1);

        await world.Runner().HandleAsync(FailingViews.Log(), [stray, Delivery.Of(commit)], Cancellation);

        ParkedStream record = Assert.Single((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
        Assert.Equal((name, ParkedStatus.Parked, 0L), (record.Stream, record.Status, record.FromVersion));
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Theory]
    [MemberData(nameof(Strays))]
    public async Task A_retry_says_that_it_is_still_there_and_unparks_it_when_it_was_deleted(string json, string name)
    {
        await world.Runner().HandleAsync(FailingViews.Log(), [Add(json)], Cancellation);
        Assert.IsType<RetryOutcome.StillFailing>(await world.Retries().RetryAsync(FailingViews.Log(), name, Cancellation));

        world.Store.Strays.Clear();

        Assert.IsType<RetryOutcome.CaughtUp>(await world.Retries().RetryAsync(FailingViews.Log(), name, Cancellation));
        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
    }

    [Theory]
    [MemberData(nameof(Strays))]
    public async Task It_can_be_discarded(string json, string name)
    {
        await world.Runner().HandleAsync(FailingViews.Log(), [Add(json)], Cancellation);

        Assert.IsType<RetryOutcome.CaughtUp>(await world.Retries().DiscardAsync(FailingViews.Log(), name, 0, Cancellation));

        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
    }

    [Fact]
    public async Task One_that_names_the_stream_of_another_category_concerns_nobody_here()
    {
        await world.Runner().HandleAsync(FailingViews.Log(), [Add("""{"id":"x","stream":"account-1"}""")], Cancellation);

        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
    }

    private Delivery Add(string json)
    {
        JsonElement item = JsonElement.Parse(json);
        world.Store.Strays.Add(item);
        return CommitJson.ReadDelivery(item);
    }
}
