using System.Text.Json.Nodes;
using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IInboxStore"/> as a test. Inherit it in a test project and return the store; it may be shared and
/// hold commands of other streams.
/// </summary>
public abstract class InboxStoreContract
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly StreamName stream = NewStream();

    protected abstract IInboxStore Store { get; }

    /// <summary>A position before everything that a new stream has.</summary>
    protected abstract string Start { get; }

    [Fact]
    public async Task What_was_never_added_is_not_found()
    {
        Assert.Null(await Store.ReadAsync(stream, "c1", Token));
        Assert.Null(await Store.ReadBacklogAsync(stream, Token));
        InboxPage page = await Store.ReadChangesAsync(stream, Start, 10, Token);
        Assert.Empty(page.Changes);
        Assert.True(page.IsEnd);
    }

    [Fact]
    public async Task A_command_is_read_back_unchanged()
    {
        InboxCommand full = Command("c1") with
        {
            CommandData = Utf8("""{"amount":{"minorUnits":1250},"text":"é \"🦊\" ","at":"2026-11-23T09:30:00+00:00"}"""),
            ExpectedVersion = 3,
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        Assert.True((await Store.TryAddAsync(full, Token)).IsAdded);

        await AssertStoredAsync(full);
        InboxCommand bare = await AddAsync("c2");
        await AssertStoredAsync(bare);
    }

    [Theory]
    [InlineData("with/slash?and#more\\")]
    [InlineData("~tilde")]
    [InlineData("..")]
    [InlineData("2026-11-23T09:30:00+00:00")]
    public async Task A_command_id_may_have_any_visible_character(string commandId)
    {
        InboxCommand command = await AddAsync(commandId);

        Assert.True(InboxCommand.IsId(command.Id));
        Assert.Equal(commandId, (await ReadAsync(commandId)).CommandId);
        Assert.False((await Store.TryAddAsync(command, Token)).IsAdded);
    }

    [Fact]
    public async Task A_command_id_is_added_once_per_stream_and_the_first_one_stays()
    {
        InboxCommand first = await AddAsync("c1");

        Assert.False((await Store.TryAddAsync(first with { Actor = "other" }, Token)).IsAdded);
        await AssertStoredAsync(first);
        Assert.True((await Store.TryAddAsync(first with { Stream = NewStream() }, Token)).IsAdded);
    }

    [Fact]
    public async Task Of_parallel_adds_of_one_command_exactly_one_succeeds()
    {
        InboxAdd[] adds = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.TryAddAsync(Command("c1"), Token))));

        Assert.Single(adds, a => a.IsAdded);
    }

    [Theory]
    [InlineData(InboxStatus.Accepted)]
    [InlineData(InboxStatus.Rejected)]
    [InlineData(InboxStatus.Failed)]
    public async Task An_outcome_is_recorded_with_the_command(InboxStatus status)
    {
        InboxCommand command = await AddAsync("c1");
        InboxOutcome outcome = Outcome(status);

        Assert.True(await Store.TrySettleAsync(await ReadAsync("c1"), outcome, Day, Token));

        await AssertStoredAsync(command with { Outcome = outcome });
        Assert.Equal(status, (await ReadAsync("c1")).Status);
        Assert.False((await Store.TryAddAsync(command, Token)).IsAdded);
    }

    [Fact]
    public async Task An_outcome_is_recorded_only_over_what_was_read()
    {
        InboxCommand neverRead = await AddAsync("c1");
        InboxCommand read = await ReadAsync("c1");

        Assert.False(await Store.TrySettleAsync(neverRead, Outcome(InboxStatus.Failed), Day, Token));
        Assert.True(await Store.TrySettleAsync(read, Outcome(InboxStatus.Rejected), Day, Token));
        Assert.False(await Store.TrySettleAsync(read, Outcome(InboxStatus.Failed), Day, Token));
        Assert.Equal(InboxStatus.Rejected, (await ReadAsync("c1")).Status);
        Assert.True(await Store.TrySettleAsync(await ReadAsync("c1"), Outcome(InboxStatus.Accepted), Day, Token));
    }

    [Fact]
    public async Task Commands_of_one_status_are_found_in_all_streams()
    {
        InboxCommand waits = await AddAsync("waits");
        await AddAsync("fails");
        Assert.True(await Store.TrySettleAsync(await ReadAsync("fails"), Outcome(InboxStatus.Failed), Day, Token));

        Assert.Equal(waits.CommandId, Assert.Single(await NewestAsync(InboxStatus.Pending)));
        Assert.Equal("fails", Assert.Single(await NewestAsync(InboxStatus.Failed)));
        Assert.Empty(await NewestAsync(InboxStatus.Rejected));

        async Task<List<string>> NewestAsync(InboxStatus status)
        {
            List<string> found = [];
            NewestQuery query = new() { Category = stream.Category, PageSize = 3 };
            do
            {
                NewestPage<InboxCommand> page = await Store.ReadNewestAsync(status, query, Token);
                found.AddRange(page.Items.Select(i => i.Record).Where(c => c.Stream == stream).Select(c => c.CommandId));
                query = query with { Continuation = page.Continuation };
            }
            while (query.Continuation is not null);
            return found;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task Commands_that_wait_are_read_in_the_order_in_which_they_were_added(int pageSize)
    {
        string[] ids = [.. Enumerable.Range(0, 10).Select(i => $"c{(i * 7) % 10}")];
        foreach (string id in ids)
        {
            await AddAsync(id);
            await Store.TryAddAsync(Command(id) with { Stream = NewStream() }, Token);
        }

        List<InboxChange> read = await ReadAllAsync(Start, pageSize);

        Assert.Equal(ids, read.Select(c => c.Id));
        Assert.All(read, c => Assert.Equal((stream, InboxChangeKind.Pending), (c.Stream, c.Kind)));
    }

    [Fact]
    public async Task A_settled_command_is_read_once_and_behind_those_that_still_wait()
    {
        await AddAsync("c1");
        await AddAsync("c2");
        await AddAsync("c3");
        Assert.True(await Store.TrySettleAsync(await ReadAsync("c1"), Outcome(InboxStatus.Accepted), Day, Token));

        List<InboxChange> read = await ReadAllAsync(Start, pageSize: 2);

        Assert.Equal(
            [("c2", InboxChangeKind.Pending), ("c3", InboxChangeKind.Pending), ("c1", InboxChangeKind.Settled)], read.Select(c => (c.Id, c.Kind)));
    }

    [Fact]
    public async Task Reading_goes_on_where_it_stood_and_finds_what_was_added_since()
    {
        await AddAsync("c1");
        InboxPage page = await Store.ReadChangesAsync(stream, Start, 10, Token);
        InboxPage end = await Store.ReadChangesAsync(stream, page.Position, 10, Token);
        await AddAsync("c2");

        Assert.Equal(("c1", false, true), (Assert.Single(page.Changes).Id, page.IsEnd, end.IsEnd));
        Assert.Equal("c2", Assert.Single(await ReadAllAsync(page.Position, 10)).Id);
        Assert.Equal("c2", Assert.Single(await ReadAllAsync(end.Position, 10)).Id);
    }

    [Fact]
    public async Task A_reading_from_the_position_of_a_change_includes_it_and_all_after_it()
    {
        foreach (string id in (string[])["c1", "c2", "c3"])
        {
            await AddAsync(id);
        }
        InboxChange second = (await ReadAllAsync(Start, 10))[1];

        // It may include earlier ones, too.
        Assert.Equal(["c2", "c3"], (await ReadAllAsync(second.Position, 10)).Select(c => c.Id).SkipWhile(id => id == "c1"));
    }

    [Fact]
    public async Task A_backlog_is_written_and_deleted_only_while_it_is_unchanged()
    {
        InboxBacklog backlog = new() { Stream = stream, Position = Start, Since = Noon };
        Assert.True(await Store.TryWriteBacklogAsync(backlog, Token));
        InboxBacklog first = (await Store.ReadBacklogAsync(stream, Token))!;
        Assert.Equal(backlog, first with { ETag = null });
        Assert.False(await Store.TryWriteBacklogAsync(backlog, Token));
        Assert.False(await Store.TryDeleteBacklogAsync(backlog, Token));

        Assert.True(await Store.TryWriteBacklogAsync(first with { Position = Start + "0" }, Token));
        InboxBacklog second = (await Store.ReadBacklogAsync(stream, Token))!;
        Assert.Equal(Start + "0", second.Position);
        Assert.False(await Store.TryWriteBacklogAsync(first, Token));
        Assert.False(await Store.TryDeleteBacklogAsync(first, Token));

        Assert.True(await Store.TryDeleteBacklogAsync(second, Token));
        Assert.Null(await Store.ReadBacklogAsync(stream, Token));
        Assert.False(await Store.TryWriteBacklogAsync(second, Token));
        Assert.True(await Store.TryWriteBacklogAsync(backlog, Token));
    }

    [Fact]
    public async Task Each_write_of_a_backlog_is_a_change_of_its_stream()
    {
        await AddAsync("c1");
        Assert.True(await Store.TryWriteBacklogAsync(new InboxBacklog { Stream = stream, Position = Start, Since = Noon }, Token));
        InboxPage page = await Store.ReadChangesAsync(stream, Start, 10, Token);
        Assert.Equal([InboxChangeKind.Pending, InboxChangeKind.Backlog], page.Changes.Select(c => c.Kind));

        Assert.True(await Store.TryWriteBacklogAsync((await Store.ReadBacklogAsync(stream, Token))!, Token));

        Assert.Equal(InboxChangeKind.Backlog, Assert.Single((await Store.ReadChangesAsync(stream, page.Position, 10, Token)).Changes).Kind);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_writes_nothing()
    {
        CancellationToken cancelled = new(canceled: true);
        InboxCommand command = Command("c1") with { ETag = "\"1\"" };
        InboxBacklog backlog = new() { Stream = stream, Position = Start, Since = Noon, ETag = "\"1\"" };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryAddAsync(command, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync(stream, "c1", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TrySettleAsync(command, Outcome(InboxStatus.Failed), Day, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadChangesAsync(stream, Start, 1, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadBacklogAsync(stream, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryWriteBacklogAsync(backlog with { ETag = null }, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryDeleteBacklogAsync(backlog, cancelled));
        Assert.Null(await Store.ReadAsync(stream, "c1", Token));
        Assert.Null(await Store.ReadBacklogAsync(stream, Token));
    }

    private async Task<InboxCommand> AddAsync(string id)
    {
        InboxCommand command = Command(id);
        Assert.True((await Store.TryAddAsync(command, Token)).IsAdded);
        return command;
    }

    private async Task<InboxCommand> ReadAsync(string commandId)
    {
        InboxCommand? read = await Store.ReadAsync(stream, InboxCommand.IdOf(commandId), Token);
        Assert.NotNull(read);
        Assert.False(string.IsNullOrEmpty(read.ETag));
        return read;
    }

    private async Task AssertStoredAsync(InboxCommand expected)
    {
        InboxCommand read = await ReadAsync(expected.CommandId);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected.CommandData.Span), JsonNode.Parse(read.CommandData.Span)), "The command's data has changed.");
        Assert.Equal(expected with { CommandData = default, ETag = null }, read with { CommandData = default, ETag = null });
    }

    private async Task<List<InboxChange>> ReadAllAsync(string position, int pageSize)
    {
        List<InboxChange> all = [];
        for (int pages = 0; ; pages++)
        {
            Assert.True(pages < 100, "The reading does not end.");
            InboxPage page = await Store.ReadChangesAsync(stream, position, pageSize, Token);
            if (page.IsEnd)
            {
                return all;
            }
            Assert.True(page.Changes.Count <= pageSize, $"{page.Changes.Count} changes in a page of {pageSize}");
            all.AddRange(page.Changes);
            position = page.Position;
        }
    }

    private InboxCommand Command(string id) => new()
    {
        Stream = stream,
        CommandId = id,
        CommandType = "test",
        CommandData = Utf8("""{"amount":1}"""),
        Actor = "user:aad:1",
        ActorName = "Zoë 🦊",
        CorrelationId = "conversation-1",
        ReceivedAt = Noon,
    };

    private static InboxOutcome Outcome(InboxStatus status) => new()
    {
        Status = status,
        DecidedAt = Noon.AddSeconds(1),
        Version = status == InboxStatus.Failed ? null : 7,
        FirstVersion = status == InboxStatus.Accepted ? 6 : null,
        WasRepeated = status == InboxStatus.Accepted,
        Reason = status == InboxStatus.Accepted ? null : new Rejection("not-enough", "There is not enough in the purse."),
        RequestCharge = 7.25,
    };
}
