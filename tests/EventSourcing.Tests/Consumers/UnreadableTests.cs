namespace Serverless.EventSourcing.Tests;

/// <summary>What can't be read parks like what fails: events without a codec, and documents that are no commits.</summary>
public sealed class UnreadableTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_the_codec_does_not_know_parks_its_stream()
    {
        Commit[] commits =
        [
            await world.AddAsync("a", 1), await world.AppendAsync("a", new StoredEvent("purse.lost", 1, """{"secret":"4711"}"""u8.ToArray())),
            await world.AddAsync("b", 2),
        ];

        await world.HandleAsync(FailingViews.Log(), commits);

        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.Equal((ParkedStatus.Parked, 2L, 3, "correlation-a-2"), (record!.Status, record.FromVersion, record.Attempts, record.CorrelationId));
        Assert.StartsWith("EventDecodeException: ", record.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", record.ToString(), StringComparison.Ordinal); // The stream has the payload; the record has none.
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
    }

    [Fact]
    public async Task A_document_that_is_no_commit_parks_its_stream_and_what_stands_before_it_is_processed()
    {
        Commit first = await world.AddAsync("a", 1);
        await UnreadableAsync("a", 2);
        Commit third = await world.AddAsync("a", 3);
        Commit other = await world.AddAsync("b", 4);

        await world.Runner().HandleAsync(
            FailingViews.Log(), [Delivery.Of(third), Document("purse-a", 2), Delivery.Of(first), Delivery.Of(other)], Cancellation);

        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.Equal((ParkedStatus.Parked, 2L, 3L, 3), (record!.Status, record.FromVersion, record.ThroughVersion, record.Attempts));
        Assert.StartsWith("CommitFormatException: ", record.Error, StringComparison.Ordinal);
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
    }

    [Fact]
    public async Task A_document_that_can_t_be_read_and_was_not_delivered_parks_its_stream_too()
    {
        await UnreadableAsync("a", 1);

        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 2));

        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.Equal((ParkedStatus.Parked, 1L, 2L), (record!.Status, record.FromVersion, record.ThroughVersion));
    }

    [Fact]
    public async Task The_look_up_of_a_key_that_meets_such_a_document_parks_the_stream()
    {
        await UnreadableAsync("a", 1);
        await world.LabelAsync("a", "ours");
        Commit b = await world.LabelAsync("b", "ours");

        await world.HandleAsync(FailingViews.Log(PurseViews.ByLabel), await world.AddAsync("a", 2), b);

        Assert.Equal(ParkedStatus.Parked, (await world.RecordAsync(FailingViews.Log(), "a"))?.Status);
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b", "ours"));
    }

    [Fact]
    public async Task A_document_of_another_category_concerns_nobody_here()
    {
        await world.Runner().HandleAsync(FailingViews.Log(), [Document("account-1", 1)], Cancellation);

        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
    }

    [Fact]
    public async Task A_retry_goes_on_to_the_document_that_can_t_be_read_and_names_it()
    {
        Commit[] commits = [await world.AddAsync("a", 13), await world.AddAsync("a", 2)];
        await world.HandleAsync(FailingViews.Log(13), commits);
        await UnreadableAsync("a", 3);

        RetryOutcome outcome = await world.Retries().RetryAsync(FailingViews.Log(), "purse-a", Cancellation);

        Assert.Equal(3, Assert.IsType<RetryOutcome.StillFailing>(outcome).Record.FromVersion);
        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
        world.Store.Unreadable.Clear(); // The code has learned to read it.
        Assert.IsType<RetryOutcome.CaughtUp>(await world.Retries().RetryAsync(FailingViews.Log(), "purse-a", Cancellation));
        Assert.Equal(ConsumerWorld.Events("a", 1, 2, 3), await world.EventsAsync("a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_document_that_can_t_be_read_is_left_out_with_all_its_versions(int events)
    {
        await world.AddAsync("a", 1);
        await world.AddAsync("a", [.. Enumerable.Repeat(99, events)]);
        world.Store.Unreadable.Add(("purse-a", 2));
        Commit last = await world.AddAsync("a", 3, 4);
        await world.Runner().HandleAsync(FailingViews.Log(), [Document("purse-a", 2), Delivery.Of(last)], Cancellation);
        Assert.IsType<RetryOutcome.StillFailing>(await world.Retries().RetryAsync(FailingViews.Log(), "purse-a", Cancellation));

        RetryOutcome outcome = await world.Retries().DiscardAsync(FailingViews.Log(), "purse-a", 2, Cancellation);

        Assert.Equal(3, Assert.IsType<RetryOutcome.CaughtUp>(outcome).Events);
        Assert.Equal(ConsumerWorld.Events("a", 1, events + 2, events + 3), await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 5)); // It is behind the fence for good.
        Assert.Equal(ConsumerWorld.Events("a", 1, events + 2, events + 3, events + 4), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task One_at_the_end_of_its_stream_is_left_out_as_far_as_it_says_itself()
    {
        await world.AddAsync("a", 1);
        await world.AddAsync("a", 99, 99);
        world.Store.Unreadable.Add(("purse-a", 2));
        await world.Runner().HandleAsync(FailingViews.Log(), [Document("purse-a", 2)], Cancellation);

        Assert.IsType<RetryOutcome.CaughtUp>(await world.Retries().DiscardAsync(FailingViews.Log(), "purse-a", 2, Cancellation));
        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 4));

        Assert.Equal(ConsumerWorld.Events("a", 1, 4), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task Two_of_them_are_left_out_one_by_one()
    {
        await UnreadableAsync("a", 1);
        await UnreadableAsync("a", 2);
        Commit last = await world.AddAsync("a", 3);
        await world.Runner().HandleAsync(FailingViews.Log(), [Document("purse-a", 1), Document("purse-a", 2), Delivery.Of(last)], Cancellation);

        RetryOutcome first = await world.Retries().DiscardAsync(FailingViews.Log(), "purse-a", 1, Cancellation);
        Assert.Equal(2, Assert.IsType<RetryOutcome.StillFailing>(first).Record.FromVersion);
        Assert.IsType<RetryOutcome.CaughtUp>(await world.Retries().DiscardAsync(FailingViews.Log(), "purse-a", 2, Cancellation));

        Assert.Equal(ConsumerWorld.Events("a", 3), await world.EventsAsync("a"));
    }

    [Theory]
    [InlineData(true)] // The document is no commit.
    [InlineData(false)] // It is one, with an event that nobody knows.
    public async Task A_shared_view_gets_a_stream_whose_key_comes_after_what_is_left_out(bool isDocument)
    {
        DocumentView<EventLog, PurseEvent> view = FailingViews.Log(PurseViews.ByLabel);
        await world.AddAsync("a", 1);
        Commit bad = isDocument
            ? await world.AddAsync("a", 99)
            : await world.AppendAsync("a", new StoredEvent("purse.lost", 1, "{}"u8.ToArray()));
        Delivery delivered = Delivery.Of(bad);
        if (isDocument)
        {
            world.Store.Unreadable.Add(("purse-a", 2));
            delivered = Document("purse-a", 2);
        }
        Commit named = await world.LabelAsync("a", "ours");
        await world.Runner().HandleAsync(view, [delivered, Delivery.Of(named)], Cancellation);
        Assert.Equal(2, (await world.RecordAsync(view, "a"))?.FromVersion);

        RetryOutcome outcome = await world.Retries().DiscardAsync(view, "purse-a", 2, Cancellation);

        Assert.IsType<RetryOutcome.CaughtUp>(outcome);
        Assert.Equal(ConsumerWorld.Events("a", 1, 3), await world.EventsAsync("a", "ours"));
        await world.HandleAsync(view, await world.AddAsync("a", 4)); // By a host that has just started and does not know the key.
        Assert.Equal(ConsumerWorld.Events("a", 1, 3, 4), await world.EventsAsync("a", "ours"));
        Assert.Null(await world.RecordAsync(view, "a"));
    }

    private async Task UnreadableAsync(string id, long version)
    {
        await world.AddAsync(id, 99);
        world.Store.Unreadable.Add(($"purse-{id}", version));
    }

    private static Delivery Document(string stream, long version) =>
        Delivery.Unreadable(stream, version, new CommitFormatException(Commit.IdOf(version), stream, "its format is 99"));
}
