using System.Globalization;
using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// What <see cref="ICommitLog"/> says of the streams of a category, as tests. Inherit it in a test project and return a log and the store
/// behind it; they may be shared.
/// </summary>
public abstract class CommitLogContract
{
    private readonly string category = string.Create(CultureInfo.InvariantCulture, $"c{Guid.NewGuid():N}");

    protected abstract ICommitLog Log { get; }

    protected abstract IEventStore Store { get; }

    [Fact]
    public async Task A_category_without_streams_is_empty() => Assert.Empty(await StreamsAsync(category));

    [Fact]
    public async Task The_streams_of_a_category_come_once_each_in_the_order_of_their_bytes()
    {
        StreamName[] streams = [.. ((string[])["10", "2", "A", "a", "a-b", "a.b", "z", "~"]).Order(StringComparer.Ordinal).Select(Stream)];
        foreach (StreamName stream in streams.Reverse())
        {
            await Store.AppendManyAsync(stream, count: 3);
        }
        await Store.AppendManyAsync(StreamName.Create(category + "x", "1"), count: 1);
        await Store.ReadHeadAsync(Stream("looked-for"), Token);

        Assert.Equal(streams, await StreamsAsync(category));
        Assert.Equal(streams[4..], await StreamsAsync(category, after: streams[3]));
        Assert.Equal(streams[3..], await StreamsAsync(category, after: Stream("B")));
        Assert.Empty(await StreamsAsync(category, after: streams[^1]));
        Assert.Empty(await StreamsAsync(category[..^1]));
    }

    [Fact]
    public async Task Many_streams_are_found_without_loss()
    {
        StreamName[] streams = [.. Enumerable.Range(0, 430).Select(n => Stream(n.ToString("D4", CultureInfo.InvariantCulture)))];
        foreach (StreamName[] some in streams.Chunk(16))
        {
            await Task.WhenAll(some.Select(s => Store.AppendAsync(CommitAfter(StreamHead.StartOf(s)))));
        }

        Assert.Equal(streams, await StreamsAsync(category));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task The_newest_commits_of_a_category_come_once_each_last_written_first_page_by_page(int pageSize)
    {
        StreamName[] streams = [Stream("1"), Stream("2"), Stream("3")];
        foreach (StreamName stream in streams)
        {
            await Store.AppendManyAsync(stream, count: 3);
        }
        await Store.AppendManyAsync(StreamName.Create(category + "x", "1"), count: 1);

        List<Written<Delivery>> read = await NewestAsync(new NewestQuery { Category = category, PageSize = pageSize });

        Assert.Equal(
            streams.SelectMany(s => Enumerable.Range(1, 3).Select(v => (s.Value, (long)v))),
            read.Select(w => (w.Record.Stream, w.Record.FirstVersion)).Order());
        Assert.All(read, w => Assert.Equal(w.Record.Stream, w.Record.Commit!.Stream.Value));
        Assert.Equal(read.Select(w => w.WrittenAt).OrderDescending(), read.Select(w => w.WrittenAt));
        DateTimeOffset last = read[0].WrittenAt;
        Assert.Equal(
            read.Count(w => w.WrittenAt == last), (await NewestAsync(new NewestQuery { Category = category, Since = last, PageSize = pageSize })).Count);
        Assert.Empty(await NewestAsync(new NewestQuery { Category = category, Since = last.AddSeconds(1), PageSize = pageSize }));
    }

    [Fact]
    public async Task A_continuation_of_another_question_about_the_newest_is_refused()
    {
        await Store.AppendManyAsync(Stream("1"), count: 3);
        NewestQuery query = new() { Category = category, PageSize = 1 };
        string? continuation = (await Log.ReadNewestAsync(query, Token)).Continuation;

        await Assert.ThrowsAsync<InvalidContinuationException>(() => Log.ReadNewestAsync(query with { Category = null, Continuation = continuation }, Token));
        await Assert.ThrowsAsync<InvalidContinuationException>(() => Log.ReadNewestAsync(query with { Continuation = "nonsense" }, Token));
    }

    [Fact]
    public async Task Commits_are_found_by_their_command_in_every_stream()
    {
        string id = NewId();
        foreach (string name in (string[])["b", "a"])
        {
            await Store.AppendAsync(CommitAfter(StreamHead.StartOf(Stream(name)), commandId: id));
        }
        await Store.AppendManyAsync(Stream("c"), count: 1);

        Assert.Equal([Stream("a"), Stream("b")], (await Log.ReadByCommandAsync(id, limit: 10, Token)).Select(c => c.Stream));
        Assert.Single(await Log.ReadByCommandAsync(id, limit: 1, Token));
        Assert.Empty(await Log.ReadByCommandAsync(NewId(), limit: 10, Token));
    }

    private async Task<List<Written<Delivery>>> NewestAsync(NewestQuery query)
    {
        List<Written<Delivery>> found = [];
        string? continuation = null;
        do
        {
            NewestPage<Delivery> page = await Log.ReadNewestAsync(query with { Continuation = continuation }, Token);
            Assert.True(page.Items.Count <= query.PageSize);
            found.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return found;
    }

    private StreamName Stream(string id) => StreamName.Create(category, id);

    private async Task<List<StreamName>> StreamsAsync(string of, StreamName? after = null)
    {
        List<StreamName> found = [];
        await foreach (StreamName stream in Log.ReadStreamsAsync(of, after, Token))
        {
            found.Add(stream);
        }
        return found;
    }
}
