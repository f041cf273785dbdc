using System.Text.Json;

namespace Serverless.EventSourcing.Tests;

/// <summary>A delivered document is a notification: what a host has rewritten on the way is read from the store.</summary>
public sealed class DeliveredCommitsTests
{
    private const string Date = "2026-11-23T09:30:00.100+02:00";
    private const string Rewritten = "2026-11-23T07:30:00.1Z";

    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_not_touched_is_taken_as_it_came_and_costs_no_request()
    {
        await world.LabelAsync("a", Date);
        Delivery[] delivered = await DeliverAsync("a", static text => text);

        Assert.Same(delivered, await ConfirmAsync(delivered));

        Assert.Equal(0, world.Store.Reads);
    }

    [Fact]
    public async Task A_text_that_looks_like_a_date_reaches_views_and_processes_as_it_was_written()
    {
        await world.LabelAsync("a", Date);
        await world.LabelAsync("a", Date);
        Delivery[] delivered = await DeliverAsync("a", static text => text.Replace(Date, Rewritten, StringComparison.Ordinal));

        IReadOnlyList<Delivery> stored = await ConfirmAsync(delivered);

        Assert.Equal(1, world.Store.Reads); // One query for a stream, however many of its commits were touched.
        Assert.All(stored, d => Assert.Contains(Date, System.Text.Encoding.UTF8.GetString(d.Commit!.Events[0].Data.Span), StringComparison.Ordinal));
        List<string> seen = [];
        DocumentView<EventLog, PurseEvent> view = PurseViews.Document(ViewKey<PurseEvent>.Stream, (log, e) =>
        {
            seen.Add(((Labelled)e.Event).Text);
            return log.With(e);
        });
        await world.Runner().HandleAsync(view, stored, Cancellation);
        Assert.Equal([Date, Date], seen);
    }

    [Theory]
    [InlineData("correlation-a-1", Rewritten)] // A client chose it, and it happened to be a date.
    [InlineData("\"amount\":1", "\"amount\":2")] // A number that was rounded.
    [InlineData("\"format\":1", "\"format\":9")] // It can't even be read.
    public async Task What_was_touched_is_as_it_is_stored(string original, string touched)
    {
        Commit commit = await world.AddAsync("a", 1);
        Delivery[] delivered = await DeliverAsync("a", text => text.Replace(original, touched, StringComparison.Ordinal));

        Commit? read = Assert.Single(await ConfirmAsync(delivered)).Commit;

        Assert.Equal(commit.Metadata.CorrelationId, read!.Metadata.CorrelationId);
        Assert.Equal(commit.Events[0].Data.ToArray(), read.Events[0].Data.ToArray());
    }

    [Fact]
    public async Task A_time_in_another_notation_is_the_same_time()
    {
        await world.AddAsync("a", 1);
        Delivery[] delivered = await DeliverAsync("a", static text => text.Replace("2026-11-23T12:00:00Z", "2026-11-23T14:00:00.000+02:00", StringComparison.Ordinal));

        Assert.Same(delivered, await ConfirmAsync(delivered));
    }

    [Fact]
    public async Task What_can_t_be_read_in_the_store_either_says_so_and_those_around_it_are_read()
    {
        await world.LabelAsync("a", Date);
        await world.LabelAsync("a", Date);
        await world.LabelAsync("a", Date);
        Delivery[] delivered = await DeliverAsync("a", static text => text.Replace(Date, Rewritten, StringComparison.Ordinal));
        world.Store.Unreadable.Add(("purse-a", 2));

        IReadOnlyList<Delivery> stored = await ConfirmAsync(delivered);

        Assert.Equal([true, false, true], stored.Select(d => d.Commit is not null));
        Assert.IsType<CommitFormatException>(stored[1].Error);
    }

    [Fact]
    public async Task What_a_lagging_replica_does_not_show_is_read_from_the_tail_and_what_was_deleted_is_left_out()
    {
        await world.LabelAsync("a", Date);
        await world.LabelAsync("a", Date);
        Delivery[] delivered = await DeliverAsync("a", static text => text.Replace(Date, Rewritten, StringComparison.Ordinal));
        world.Store.LagsAt["purse-a"] = 1;
        world.Store.Deleted.Add(("purse-a", 1));

        Assert.Equal(2, Assert.Single(await ConfirmAsync(delivered)).FirstVersion);
    }

    [Fact]
    public async Task What_concerns_the_consumer_not_is_not_looked_at()
    {
        await world.LabelAsync("a", Date);
        Delivery[] delivered = await DeliverAsync("a", static text => text.Replace(Date, Rewritten, StringComparison.Ordinal));

        Assert.Same(delivered, await new DeliveredCommits(world.Store, new NetworkFaults()).ConfirmAsync(delivered, new HashSet<string> { "account" }, Cancellation));
    }

    [Fact]
    public async Task A_stray_document_stays_one()
    {
        Delivery stray = CommitJson.ReadDelivery(JsonElement.Parse("""{"id":"x"}"""));

        Assert.Same(stray, Assert.Single(await ConfirmAsync([stray])));
    }

    private Task<IReadOnlyList<Delivery>> ConfirmAsync(Delivery[] delivered) =>
        new DeliveredCommits(world.Store, new NetworkFaults()).ConfirmAsync(delivered, new HashSet<string> { "purse" }, Cancellation);

    /// <summary>The stored documents of a stream as a host that rewrites them delivers them.</summary>
    private async Task<Delivery[]> DeliverAsync(string id, Func<string, string> rewrite)
    {
        List<Delivery> delivered = [];
        await foreach (JsonElement item in world.Store.ReadItemsAsync(Purse.Stream(id), Cancellation))
        {
            delivered.Add(CommitJson.ReadDelivery(JsonElement.Parse(rewrite(item.GetRawText()))));
        }
        return [.. delivered];
    }
}
