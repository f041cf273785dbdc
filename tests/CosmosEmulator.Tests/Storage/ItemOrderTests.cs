using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Tests.Storage;

/// <summary>The sorted chunks against a list that is sorted anew each time.</summary>
public sealed class ItemOrderTests
{
    private static readonly LogicalPartition Partition = new(new PartitionKey(new StringComponent("p")));

    [Theory]
    [InlineData(1, 50, 60)]
    [InlineData(2, 3000, 4000)]
    [InlineData(3, 20000, 1000)] // Many replacements of few keys.
    [InlineData(4, 20000, 100000)]
    public void Any_history_reads_as_a_sorted_list(int seed, int steps, int keys)
    {
        var random = new Random(seed);
        var order = new ItemOrder<ulong, ByNumber>();
        var model = new SortedDictionary<ulong, StoredItem>();
        for (int step = 0; step < steps; step++)
        {
            var number = (ulong)random.Next(keys);
            if (random.Next(3) == 0)
            {
                Assert.Equal(model.Remove(number), order.Remove(number));
            }
            else
            {
                StoredItem item = Item(number);
                model[number] = item;
                order.Set(item);
            }
        }

        Assert.Equal(model.Count, order.Count);
        Assert.Equal(model.Values, order.All());
        Assert.Equal(model.Values.Reverse(), order.AllDown());
        for (int probe = 0; probe < 200; probe++)
        {
            var number = (ulong)random.Next(keys + 2);
            Assert.Same(model.GetValueOrDefault(number), order.Find(number));
            Assert.Equal(model.Values.Where(item => item.Number >= number), order.From(number, inclusive: true));
            Assert.Equal(model.Values.Where(item => item.Number > number), order.From(number, inclusive: false));
            Assert.Equal(model.Values.Where(item => item.Number <= number).Reverse(), order.DownFrom(number, inclusive: true));
            Assert.Equal(model.Values.Where(item => item.Number < number).Reverse(), order.DownFrom(number, inclusive: false));
        }
    }

    [Fact]
    public void It_can_be_emptied_from_either_end_and_filled_again()
    {
        var order = new ItemOrder<ulong, ByNumber>();
        for (int round = 0; round < 3; round++)
        {
            for (ulong number = 0; number < 2000; number++)
            {
                order.Set(Item(number));
            }

            for (ulong number = 0; number < 1000; number++)
            {
                Assert.True(order.Remove(number));
                Assert.True(order.Remove(1999 - number));
            }

            Assert.Equal(0, order.Count);
            Assert.Empty(order.All());
            Assert.Empty(order.DownFrom(5, inclusive: true));
        }
    }

    private static StoredItem Item(ulong number) => new()
    {
        Id = "",
        Partition = Partition,
        Number = number,
        Lsn = 0,
        BatchLsn = 0,
        Timestamp = 0,
        TimeToLive = null,
        ExpiryShift = 0,
        UniqueValues = [],
        Json = [],
    };
}
