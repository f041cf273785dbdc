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
    [InlineData(3, 10000, 500)] // Many replacements of few keys.
    [InlineData(4, 10000, 50000)]
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

    [Theory]
    [InlineData(1_000, 10)]
    [InlineData(100_000, 17)]
    public void A_range_of_ids_is_found_by_comparing_a_few_of_many(int items, int halvings)
    {
        var order = new ItemOrder<string, CountedById>();
        for (int i = 0; i < items; i++)
        {
            order.Set(Item((ulong)i, $"{i * 7919L % items:D8}")); // In no order.
        }

        CountedById.Comparisons = 0;
        string[] found = [.. order.From($"{items / 3:D8}", inclusive: true).Take(10).Select(item => item.Id)];
        Assert.Equal(Enumerable.Range(items / 3, 10).Select(i => $"{i:D8}"), found);
        Assert.InRange(CountedById.Comparisons, 1, halvings + 5); // Once among the chunks, once in a chunk, each rounded up.
    }

    private static StoredItem Item(ulong number, string id = "") => new()
    {
        Id = id,
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

    private readonly struct CountedById : IItemKey<string>
    {
        [ThreadStatic]
        private static int comparisons;

        public static int Comparisons
        {
            get => comparisons;
            set => comparisons = value;
        }

        public static string Of(StoredItem item) => item.Id;

        public static int Compare(string left, string right)
        {
            comparisons++;
            return string.CompareOrdinal(left, right);
        }
    }
}
