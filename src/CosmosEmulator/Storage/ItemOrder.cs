namespace Serverless.CosmosEmulator.Storage;

/// <summary>How an <see cref="ItemOrder{TKey,TOrder}"/> finds and compares its keys. Structs, so that calls are inlined.</summary>
internal interface IItemKey<TKey>
{
    static abstract TKey Of(StoredItem item);

    static abstract int Compare(TKey left, TKey right);
}

/// <summary>Ordinal, as clients compare strings when they merge results.</summary>
internal readonly struct ById : IItemKey<string>
{
    public static string Of(StoredItem item) => item.Id;

    public static int Compare(string left, string right) => string.CompareOrdinal(left, right);
}

internal readonly struct ByNumber : IItemKey<ulong>
{
    public static ulong Of(StoredItem item) => item.Number;

    public static int Compare(ulong left, ulong right) => left.CompareTo(right);
}

internal readonly struct ByLsn : IItemKey<long>
{
    public static long Of(StoredItem item) => item.Lsn;

    public static int Compare(long left, long right) => left.CompareTo(right);
}

/// <summary>
/// Items sorted by a unique key, in a list of sorted chunks: eight bytes an item, appending is constant, any other change moves at
/// most one chunk. One item alone needs no chunk: most partition keys have few. Not thread-safe.
/// </summary>
internal sealed class ItemOrder<TKey, TOrder>
    where TOrder : struct, IItemKey<TKey>
{
    private const int ChunkCapacity = 512;

    private StoredItem? only; // While there is exactly one and there was never another.
    private Chunk[] chunks = [];
    private int chunkCount;

    public int Count { get; private set; }

    public StoredItem? Find(TKey key)
    {
        if (only is not null)
        {
            return TOrder.Compare(TOrder.Of(only), key) == 0 ? only : null;
        }

        (Position position, bool found) = Seek(key);
        return found ? this[position] : null;
    }

    /// <summary>Adds an item, or puts it in the place of the one that has its key.</summary>
    public void Set(StoredItem item)
    {
        if (chunkCount == 0 && (only is null || TOrder.Compare(TOrder.Of(only), TOrder.Of(item)) == 0))
        {
            only = item;
            Count = 1;
            return;
        }

        SpreadOut();
        (Position position, bool found) = Seek(TOrder.Of(item));
        if (found)
        {
            chunks[position.Chunk].Items[position.Index] = item;
            return;
        }

        Count++;
        if (position.Chunk == chunkCount)
        {
            // Past the end: the common case of rising keys. A full last chunk stays full and a new one is begun.
            position = new Position(chunkCount - 1, chunks[chunkCount - 1].Count);
            if (position.Index == ChunkCapacity)
            {
                position = new Position(chunkCount, 0);
                InsertChunk(chunkCount, new Chunk { Items = new StoredItem[ChunkCapacity] });
            }
        }
        else if (chunks[position.Chunk].Count == ChunkCapacity)
        {
            position = SplitChunk(position);
        }

        InsertInto(ref chunks[position.Chunk], position.Index, item);
    }

    public bool Remove(TKey key)
    {
        SpreadOut();
        (Position position, bool found) = Seek(key);
        if (!found)
        {
            return false;
        }

        ref Chunk chunk = ref chunks[position.Chunk];
        chunk.Count--;
        Array.Copy(chunk.Items, position.Index + 1, chunk.Items, position.Index, chunk.Count - position.Index);
        chunk.Items[chunk.Count] = null!; // Slots beyond Count are never read.
        Count--;
        MergeIfSparse(position.Chunk);
        return true;
    }

    /// <summary>The items after a key (or with it) in rising order. The order must not change while this is read.</summary>
    public IEnumerable<StoredItem> From(TKey key, bool inclusive)
    {
        SpreadOut();
        (Position position, bool found) = Seek(key);
        int index = found && !inclusive ? position.Index + 1 : position.Index;
        for (int chunk = position.Chunk; chunk < chunkCount; chunk++, index = 0)
        {
            for (; index < chunks[chunk].Count; index++)
            {
                yield return chunks[chunk].Items[index];
            }
        }
    }

    /// <summary>The items before a key (or with it) in falling order.</summary>
    public IEnumerable<StoredItem> DownFrom(TKey key, bool inclusive)
    {
        SpreadOut();
        (Position position, bool found) = Seek(key);
        int index = found && inclusive ? position.Index : position.Index - 1;
        for (int chunk = position.Chunk; chunk >= 0; chunk--, index = chunk >= 0 ? chunks[chunk].Count - 1 : -1)
        {
            for (; index >= 0; index--)
            {
                yield return chunks[chunk].Items[index];
            }
        }
    }

    public IEnumerable<StoredItem> All()
    {
        SpreadOut();
        for (int chunk = 0; chunk < chunkCount; chunk++)
        {
            for (int index = 0; index < chunks[chunk].Count; index++)
            {
                yield return chunks[chunk].Items[index];
            }
        }
    }

    public IEnumerable<StoredItem> AllDown()
    {
        SpreadOut();
        for (int chunk = chunkCount - 1; chunk >= 0; chunk--)
        {
            for (int index = chunks[chunk].Count - 1; index >= 0; index--)
            {
                yield return chunks[chunk].Items[index];
            }
        }
    }

    /// <summary>Brings the only item into a chunk, for everything but the simplest uses of one item.</summary>
    private void SpreadOut()
    {
        if (only is not null)
        {
            chunks = [new Chunk { Items = [only], Count = 1 }];
            chunkCount = 1;
            only = null;
        }
    }

    private StoredItem this[Position position] => chunks[position.Chunk].Items[position.Index];

    /// <summary>Where the key is, or where it would be put; the chunk may be one past the end.</summary>
    private (Position Position, bool Found) Seek(TKey key)
    {
        if (chunkCount > 0 && TOrder.Compare(TOrder.Of(chunks[chunkCount - 1].Last), key) < 0)
        {
            return (new Position(chunkCount, 0), false); // Rising keys need no search.
        }

        int low = 0;
        int high = chunkCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            ref Chunk candidate = ref chunks[middle];
            if (TOrder.Compare(TOrder.Of(candidate.Last), key) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == chunkCount ? (new Position(low, 0), false) : SeekIn(low, key);
    }

    private (Position Position, bool Found) SeekIn(int chunk, TKey key)
    {
        StoredItem[] items = chunks[chunk].Items;
        int low = 0;
        int high = chunks[chunk].Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int comparison = TOrder.Compare(TOrder.Of(items[middle]), key);
            if (comparison == 0)
            {
                return (new Position(chunk, middle), true);
            }

            (low, high) = comparison < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return (new Position(chunk, low), false);
    }

    private Position SplitChunk(Position position)
    {
        const int half = ChunkCapacity / 2;
        var upper = new Chunk { Items = new StoredItem[ChunkCapacity], Count = ChunkCapacity - half };
        ref Chunk lower = ref chunks[position.Chunk];
        Array.Copy(lower.Items, half, upper.Items, 0, upper.Count);
        Array.Clear(lower.Items, half, upper.Count);
        lower.Count = half;
        InsertChunk(position.Chunk + 1, upper);
        return position.Index <= half ? position : new Position(position.Chunk + 1, position.Index - half);
    }

    private void InsertChunk(int at, Chunk chunk)
    {
        if (chunkCount == chunks.Length)
        {
            Array.Resize(ref chunks, chunks.Length * 2);
        }

        Array.Copy(chunks, at, chunks, at + 1, chunkCount - at);
        chunks[at] = chunk;
        chunkCount++;
    }

    private static void InsertInto(ref Chunk chunk, int index, StoredItem item)
    {
        if (chunk.Count == chunk.Items.Length)
        {
            Array.Resize(ref chunk.Items, chunk.Items.Length * 2);
        }

        Array.Copy(chunk.Items, index, chunk.Items, index + 1, chunk.Count - index);
        chunk.Items[index] = item;
        chunk.Count++;
    }

    /// <summary>Old versions leave the change order all over the place: without merging, a chunk would stay for each survivor.</summary>
    private void MergeIfSparse(int at)
    {
        if (chunks[at].Count > ChunkCapacity / 4)
        {
            return;
        }

        if (chunks[at].Count > 0)
        {
            int into = at > 0 ? at - 1 : at;
            if (into + 1 >= chunkCount || chunks[into].Count + chunks[into + 1].Count > ChunkCapacity / 2)
            {
                return;
            }

            at = into + 1;
            ref Chunk target = ref chunks[into];
            if (target.Items.Length < ChunkCapacity)
            {
                Array.Resize(ref target.Items, ChunkCapacity);
            }

            Array.Copy(chunks[at].Items, 0, target.Items, target.Count, chunks[at].Count);
            target.Count += chunks[at].Count;
        }

        chunkCount--;
        Array.Copy(chunks, at + 1, chunks, at, chunkCount - at);
        chunks[chunkCount] = default;
    }

    private struct Chunk
    {
        public StoredItem[] Items;
        public int Count;

        public readonly StoredItem Last => Items[Count - 1];
    }

    private readonly record struct Position(int Chunk, int Index);
}
