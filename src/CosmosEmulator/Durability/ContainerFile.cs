using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Durability;

/// <summary>
/// The file of one container: its document, its physical partitions with their counters, and the newest version of each item.
/// Nothing else is stored, because everything else follows from the items.
/// </summary>
internal sealed class ContainerFile : IDisposable
{
    private const int Format = 1;

    // The rowid is the item's number, which rises with creation: new items are added at the end of the table.
    private const string Schema = """
        CREATE TABLE container (document BLOB NOT NULL);
        CREATE TABLE partitions (
            number INTEGER PRIMARY KEY, min TEXT NOT NULL, max TEXT NOT NULL, parents TEXT NOT NULL,
            lsn INTEGER NOT NULL, items INTEGER NOT NULL, last_item INTEGER NOT NULL);
        CREATE TABLE items (
            number INTEGER PRIMARY KEY, lsn INTEGER NOT NULL, batch_lsn INTEGER NOT NULL, ts INTEGER NOT NULL,
            ttl INTEGER, expiry_shift INTEGER NOT NULL, checksum INTEGER NOT NULL, json BLOB NOT NULL)
        """;

    private readonly SqliteFile file;
    private readonly SqliteStatement put;
    private readonly SqliteStatement delete;
    private readonly SqliteStatement count;

    private ContainerFile(string path, bool create, bool syncEveryCommit)
    {
        file = SqliteFile.Open(path, create, Schema, Format, syncEveryCommit);
        put = file.Prepare("REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        delete = file.Prepare("DELETE FROM items WHERE number = ?");
        count = file.Prepare("UPDATE partitions SET lsn = ?, items = ?, last_item = ? WHERE number = ?");
    }

    public string Path => file.Path;

    public static ContainerFile Create(string path, byte[] document, IReadOnlyList<RangeIdentity> ranges, bool syncEveryCommit)
    {
        var created = new ContainerFile(path, create: true, syncEveryCommit);
        created.Transact(() =>
        {
            created.Insert(document);
            foreach (RangeIdentity range in ranges)
            {
                created.Insert(new PartitionRow(range, 0, 0, 0));
            }
        });
        return created;
    }

    public static ContainerFile Open(string path, bool syncEveryCommit) => new(path, create: false, syncEveryCommit);

    /// <summary>All of it happens or nothing.</summary>
    public void Transact(Action changes) => file.Transact(changes);

    public byte[] Document()
    {
        using SqliteStatement row = file.Prepare("SELECT document FROM container");
        return row.Next() ? row.Bytes(0) : throw new StoreCorruptException(Path, "the container's document is missing.");
    }

    public List<PartitionRow> Partitions()
    {
        List<PartitionRow> rows = [];
        using SqliteStatement row = file.Prepare("SELECT number, min, max, parents, lsn, items, last_item FROM partitions ORDER BY min");
        while (row.Next())
        {
            var range = new RangeIdentity(
                (int)row.Number(0), row.Text(1), row.Text(2), row.Text(3).Split(',', StringSplitOptions.RemoveEmptyEntries));
            rows.Add(new PartitionRow(range, row.Number(4), row.Number(5), row.Number(6)));
        }

        return rows;
    }

    /// <summary>All items in the order of their numbers. Throws <see cref="StoreCorruptException"/> for one that has changed by itself.</summary>
    public IEnumerable<ItemRow> Items()
    {
        using SqliteStatement row = file.Prepare("SELECT number, lsn, batch_lsn, ts, ttl, expiry_shift, checksum, json FROM items ORDER BY number");
        while (row.Next())
        {
            var item = new ItemRow(
                (ulong)row.Number(0), row.Number(1), row.Number(2), row.Number(3), (int?)row.OptionalNumber(4), (int)row.Number(5), row.Bytes(7));
            yield return item.Checksum() == row.Number(6)
                ? item
                : throw new StoreCorruptException(Path, $"item {item.Number} is not what was written.");
        }
    }

    public void Put(StoredItem item)
    {
        ItemRow row = ItemRow.Of(item);
        put.Bind(1, (long)row.Number).Bind(2, row.Lsn).Bind(3, row.BatchLsn).Bind(4, row.Timestamp).Bind(5, (long?)row.TimeToLive)
            .Bind(6, row.ExpiryShift).Bind(7, row.Checksum()).Bind(8, row.Json).Run();
    }

    public void Delete(ulong number) => delete.Bind(1, (long)number).Run();

    public void Update(PartitionRow row) => count.Bind(1, row.Lsn).Bind(2, row.Items).Bind(3, row.LastItem).Bind(4, row.Range.Number).Run();

    public void Replace(byte[] document)
    {
        file.Execute("DELETE FROM container");
        Insert(document);
    }

    public void Replace(RangeIdentity parent, IReadOnlyList<PartitionRow> children)
    {
        using (SqliteStatement statement = file.Prepare("DELETE FROM partitions WHERE number = ?"))
        {
            statement.Bind(1, parent.Number).Run();
        }

        foreach (PartitionRow child in children)
        {
            Insert(child);
        }
    }

    public void Dispose() => file.Dispose();

    private void Insert(byte[] document)
    {
        using SqliteStatement statement = file.Prepare("INSERT INTO container VALUES (?)");
        statement.Bind(1, document).Run();
    }

    private void Insert(PartitionRow row)
    {
        using SqliteStatement statement = file.Prepare("INSERT INTO partitions VALUES (?, ?, ?, ?, ?, ?, ?)");
        statement.Bind(1, row.Range.Number).Bind(2, row.Range.Min).Bind(3, row.Range.Max)
            .Bind(4, string.Join(',', row.Range.Parents)).Bind(5, row.Lsn).Bind(6, row.Items).Bind(7, row.LastItem).Run();
    }
}

/// <summary>
/// Mirrors stored data. A physical partition, and its counters at some moment: later items go on from them, and the number of items
/// up to <paramref name="LastItem"/> is there to notice that some have gone.
/// </summary>
internal sealed record PartitionRow(RangeIdentity Range, long Lsn, long Items, long LastItem);

/// <summary>Mirrors stored data. Id, partition key and unique values are not stored: they are read from the JSON.</summary>
internal readonly record struct ItemRow(ulong Number, long Lsn, long BatchLsn, long Timestamp, int? TimeToLive, int ExpiryShift, byte[] Json)
{
    public static ItemRow Of(StoredItem item) =>
        new(item.Number, item.Lsn, item.BatchLsn, item.Timestamp, item.TimeToLive, item.ExpiryShift, item.Json);

    /// <summary>The engine checks the structure of its pages, not what is on them.</summary>
    public uint Checksum() => Crc32C.Of(Json, (ulong)Lsn ^ (Number << 32));
}
