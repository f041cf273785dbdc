using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IFenceStore"/> as a test. Inherit it in a test project and return the store; it may be shared and hold
/// the fences and start points of other consumers.
/// </summary>
public abstract class FenceStoreContract
{
    private readonly string consumer = $"contract-{NewId()}";
    private readonly StreamName stream = StreamName.Create("order", $"a.b_c~{NewId()}");

    protected abstract IFenceStore Store { get; }

    [Fact]
    public async Task A_stream_without_a_fence_has_none() => Assert.Null((await Store.ReadAsync(consumer, stream, Token)).Fence);

    [Fact]
    public async Task A_fence_is_read_back_and_is_that_of_one_consumer_and_one_stream()
    {
        Assert.True((await Store.TryWriteAsync(Fence(Limits.MaxVersion), Token)).IsWritten);

        StreamFence read = (await Store.ReadAsync(consumer, stream, Token)).Fence!;
        Assert.False(string.IsNullOrEmpty(read.ETag));
        Assert.Equal(Fence(Limits.MaxVersion), read with { ETag = null });
        Assert.Null((await Store.ReadAsync(consumer + "-2", stream, Token)).Fence);
        Assert.Null((await Store.ReadAsync(consumer, StreamName.Create("order", stream.Id + "2"), Token)).Fence);
    }

    [Fact]
    public async Task A_fence_is_written_only_over_what_was_read()
    {
        await Store.TryWriteAsync(Fence(1), Token);
        StreamFence first = (await Store.ReadAsync(consumer, stream, Token)).Fence!;

        Assert.False((await Store.TryWriteAsync(Fence(2), Token)).IsWritten); // It is there.
        Assert.True((await Store.TryWriteAsync(first with { Version = 3 }, Token)).IsWritten);
        Assert.False((await Store.TryWriteAsync(first with { Version = 4 }, Token)).IsWritten); // It has changed.
        Assert.Equal(3, (await Store.ReadAsync(consumer, stream, Token)).Fence?.Version);
    }

    [Fact]
    public async Task The_longest_names_fit()
    {
        StreamFence longest = Fence(1) with
        {
            Consumer = new string('c', Limits.MaxConsumerNameLength),
            Stream = StreamName.Create(new string('a', Limits.MaxCategoryLength), NewId().PadRight(Limits.MaxStreamIdLength, 'x')),
        };

        Assert.True((await Store.TryWriteAsync(longest, Token)).IsWritten);
        Assert.Equal(1, (await Store.ReadAsync(longest.Consumer, longest.Stream, Token)).Fence?.Version);
    }

    [Fact]
    public async Task Start_points_are_added_by_one_writer_after_the_other()
    {
        await AddAsync(consumer, new ConsumerStart { From = Noon, FirstRunAt = Noon.AddHours(1) });
        ConsumerStarts first = (await Store.ReadStartsAsync(Token))!;
        await AddAsync(consumer + "-2", new ConsumerStart { FirstRunAt = Noon });

        Assert.False(await Store.TryWriteStartsAsync(first, Token)); // It has changed.
        Assert.False(await Store.TryWriteStartsAsync(first with { ETag = null }, Token)); // It is there.
        ConsumerStarts read = (await Store.ReadStartsAsync(Token))!;
        Assert.Equal(new ConsumerStart { From = Noon, FirstRunAt = Noon.AddHours(1) }, read.Consumers[consumer]);
        Assert.Equal(new ConsumerStart { FirstRunAt = Noon }, read.Consumers[consumer + "-2"]);
    }

    private async Task AddAsync(string name, ConsumerStart start)
    {
        bool isAdded = false;
        while (!isAdded) // Other tests add theirs to the same record.
        {
            ConsumerStarts? read = await Store.ReadStartsAsync(Token);
            Dictionary<string, ConsumerStart> starts = read is null ? [] : new(read.Consumers);
            starts[name] = start;
            isAdded = await Store.TryWriteStartsAsync(new ConsumerStarts { Consumers = starts, ETag = read?.ETag }, Token);
        }
    }

    private StreamFence Fence(long version) => new() { Consumer = consumer, Stream = stream, Version = version };
}
