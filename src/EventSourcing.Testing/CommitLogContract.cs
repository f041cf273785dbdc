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
