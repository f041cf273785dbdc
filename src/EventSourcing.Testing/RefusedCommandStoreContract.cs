using System.Globalization;
using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IRefusedCommandStore"/> as a test, apart from the end of a record, which needs the store's own clock.
/// Inherit it in a test project and return the store; it may be shared and hold records of other streams.
/// </summary>
public abstract class RefusedCommandStoreContract
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(1);

    private readonly StreamName stream = NewStream();

    protected abstract IRefusedCommandStore Store { get; }

    [Fact]
    public async Task A_stream_without_refusals_has_no_records() => Assert.Empty(await ReadAsync());

    [Fact]
    public async Task A_record_is_read_back_unchanged()
    {
        RefusedCommand full = Refused(7) with
        {
            Reason = new Rejection("not-enough", "gespräch: \"é\" 🦊"),
            Metadata = Metadata("process/account-1/7/step") with { CausationId = "account-1/7", TraceParent = "00-1-2-01", CorrelationId = "shopping" },
        };
        RefusedCommand bare = Refused(8) with { Metadata = Metadata(NewId()) with { CommandData = default } };

        Assert.True((await Store.TryRecordAsync(full, Keep, Token)).IsRecorded);
        Assert.True((await Store.TryRecordAsync(bare, Keep, Token)).IsRecorded);

        Assert.Collection(await ReadAsync(), r => AssertSame(full, r), r => AssertSame(bare, r));
    }

    [Fact]
    public async Task A_command_that_is_refused_again_on_the_same_version_is_one_record_the_first()
    {
        RefusedCommand first = Refused(3, "pay-1");
        await Store.TryRecordAsync(first, Keep, Token);

        RefusedWrite again = await Store.TryRecordAsync(first with { Reason = new Rejection("other", "Another reason.") }, Keep, Token);

        Assert.False(again.IsRecorded);
        AssertSame(first, Assert.Single(await ReadAsync()));
    }

    [Fact]
    public async Task The_same_command_on_another_version_and_another_command_on_the_same_version_are_records_of_their_own()
    {
        foreach (RefusedCommand command in (RefusedCommand[])[Refused(3, "pay-1"), Refused(4, "pay-1"), Refused(3, "pay-2")])
        {
            Assert.True((await Store.TryRecordAsync(command, Keep, Token)).IsRecorded);
        }

        Assert.Equal([(3, "pay-1"), (3, "pay-2"), (4, "pay-1")], (await ReadAsync()).Select(r => (r.Version, r.Metadata.CommandId)));
    }

    [Fact]
    public async Task One_command_id_refused_in_two_streams_is_two_records()
    {
        RefusedCommand here = Refused(1, "pay-1");
        await Store.TryRecordAsync(here, Keep, Token);

        Assert.True((await Store.TryRecordAsync(here with { Stream = NewStream() }, Keep, Token)).IsRecorded);
        Assert.Single(await ReadAsync());
    }

    [Fact]
    public async Task Of_several_writers_of_the_same_refusal_one_records_it()
    {
        RefusedCommand command = Refused(1);

        RefusedWrite[] writes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.TryRecordAsync(command, Keep, Token))));

        Assert.Single(writes, w => w.IsRecorded);
    }

    [Fact]
    public async Task Records_come_in_the_order_of_versions_and_after_any_of_them_without_loss()
    {
        long[] versions = [.. Enumerable.Range(0, 230).Select(n => (long)n)];
        foreach (long version in versions.Reverse())
        {
            await Store.TryRecordAsync(Refused(version), Keep, Token);
        }

        List<RefusedCommand> all = await ReadAsync();
        Assert.Equal(versions, all.Select(r => r.Version));
        Assert.Equal(versions[120..], (await ReadAsync(all[119].Id)).Select(r => r.Version));
    }

    [Fact]
    public async Task Streams_refused_before_they_began_are_found_by_their_category()
    {
        string category = string.Create(CultureInfo.InvariantCulture, $"c{Guid.NewGuid():N}");
        StreamName[] streams = [.. ((string[])["10", "2", "A", "a", "a-b", "z~"]).Select(id => StreamName.Create(category, id))];
        foreach (StreamName name in streams.Reverse())
        {
            await Store.TryRecordAsync(Refused(0) with { Stream = name }, Keep, Token);
            await Store.TryRecordAsync(Refused(0) with { Stream = name }, Keep, Token);
        }
        await Store.TryRecordAsync(Refused(1) with { Stream = StreamName.Create(category, "later") }, Keep, Token);
        await Store.TryRecordAsync(Refused(0) with { Stream = StreamName.Create(category + "x", "1") }, Keep, Token);

        Assert.Equal(streams, await BeginningsAsync(category, after: null));
        Assert.Equal(streams[3..], await BeginningsAsync(category, after: streams[2]));
        Assert.Empty(await BeginningsAsync(category[..^1], after: null));
    }

    [Fact]
    public async Task The_newest_of_a_category_are_found_in_all_its_streams_page_by_page()
    {
        string category = string.Create(CultureInfo.InvariantCulture, $"c{Guid.NewGuid():N}");
        foreach (string id in (string[])["a", "b", "c"])
        {
            await Store.TryRecordAsync(Refused(0) with { Stream = StreamName.Create(category, id) }, Keep, Token);
            await Store.TryRecordAsync(Refused(4) with { Stream = StreamName.Create(category, id) }, Keep, Token);
        }
        await Store.TryRecordAsync(Refused(0) with { Stream = StreamName.Create(category + "x", "1") }, Keep, Token);

        List<Written<RefusedCommand>> read = [];
        NewestQuery query = new() { Category = category, PageSize = 4 };
        do
        {
            NewestPage<RefusedCommand> page = await Store.ReadNewestAsync(query, Token);
            read.AddRange(page.Items);
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);

        Assert.Equal(
            [("a", 0), ("a", 4), ("b", 0), ("b", 4), ("c", 0), ("c", 4)], read.Select(r => (r.Record.Stream.Id, r.Record.Version)).Order());
        Assert.Equal(read.Select(r => r.WrittenAt).OrderDescending(), read.Select(r => r.WrittenAt));
    }

    private RefusedCommand Refused(long version, string? commandId = null) => new()
    {
        Stream = stream,
        Version = version,
        Metadata = Metadata(commandId ?? NewId()),
        Reason = new Rejection("not-enough", "There is not enough."),
    };

    private async Task<List<RefusedCommand>> ReadAsync(string? afterId = null)
    {
        List<RefusedCommand> read = [];
        await foreach (RefusedCommand command in Store.ReadAsync(stream, afterId, Token))
        {
            read.Add(command);
        }
        return read;
    }

    private async Task<List<StreamName>> BeginningsAsync(string category, StreamName? after)
    {
        List<StreamName> read = [];
        await foreach (StreamName name in Store.ReadRefusedBeginningsAsync(category, after, Token))
        {
            read.Add(name);
        }
        return read;
    }

    private static void AssertSame(RefusedCommand expected, RefusedCommand actual)
    {
        Assert.Equal(Bare(expected), Bare(actual));
        AssertSameJson(expected.Metadata.CommandData, actual.Metadata.CommandData);
    }

    // A record compares memory by reference, so the payload is compared by itself.
    private static RefusedCommand Bare(RefusedCommand command) => command with { Metadata = command.Metadata with { CommandData = default } };
}
