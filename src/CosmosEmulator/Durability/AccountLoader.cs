using System.Text.Json;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Durability;

/// <summary>Brings an account back as it was: the same resource ids, tags, LSNs and item numbers.</summary>
internal static class AccountLoader
{
    public static void Load(Account account, DataDirectory directory)
    {
        string path = directory.Account.Path;
        ILookup<ResourceKind, ResourceRow> rows = directory.Account.Resources().ToLookup(row => row.Kind);
        foreach (ResourceRow row in rows[ResourceKind.Offer])
        {
            account.Offers.TryAdd(Read(path, row, () => Offer.Restore(row.Document)));
        }

        foreach (ResourceRow row in rows[ResourceKind.Database])
        {
            bool shares = account.Offers.All.Any(offer => offer.Target == row.ResourceId);
            account.Databases.TryAdd(Read(path, row, () => new Database(NameOf(row), IdOf(row, ResourceId.DatabaseBytes), row.Document, shares)));
        }

        foreach (ResourceRow row in rows[ResourceKind.EncryptionKey])
        {
            DatabaseOf(account, path, row).EncryptionKeys.TryAdd(Read(path, row, () => ClientEncryptionKey.Restore(row.Document)));
        }

        foreach (KeptKind kind in KeptKind.All)
        {
            foreach (ResourceRow row in rows[kind.Stored])
            {
                DatabaseOf(account, path, row);
                account.Kept.Restore(Read(path, row, () => KeptResource.Restore(kind, row.Document)));
            }
        }

        (Database Database, byte[] Id)[] containers =
            [.. rows[ResourceKind.Container].Select(row => (DatabaseOf(account, path, row), IdOf(row, ResourceId.ContainerBytes)))];
        directory.DeleteAllBut(containers.Select(container => container.Id));
        foreach ((Database database, byte[] id) in containers)
        {
            database.Containers.TryAdd(LoadContainer(account, directory, database, id));
        }
    }

    private static Container LoadContainer(Account account, DataDirectory directory, Database database, byte[] id)
    {
        ContainerFile file = directory.OpenContainer(id);
        try
        {
            byte[] document = file.Document();
            List<PartitionRow> partitions = file.Partitions();
            CheckRanges(file, partitions);
            ContainerDefinition definition = Definition(file, document);
            var journal = new ContainerJournal(file);
            var container = new Container(
                database, id, definition, document, [.. partitions.Select(row => row.Range)], account.Storage, journal);
            Dictionary<int, Tally> tallies = partitions.ToDictionary(row => row.Range.Number, row => new Tally(row));
            foreach (ItemRow row in file.Items())
            {
                tallies[container.Restore(Item(file, container, row)).Number].Count(row);
            }

            foreach (Tally tally in tallies.Values)
            {
                tally.Check(file);
            }

            container.Restore(tallies.Values.Select(tally => tally.Now));
            journal.Begin(tallies.Values.Select(tally => tally.Now));
            directory.Keep(journal);
            return container;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static RestoredItem Item(ContainerFile file, Container container, ItemRow row)
    {
        try
        {
            return new RestoredItem(ItemDocument.ParseStored(row.Json, container.Definition), row);
        }
        catch (RefusedException)
        {
            throw new StoreCorruptException(file.Path, $"item {row.Number} is not an item.");
        }
    }

    private static ContainerDefinition Definition(ContainerFile file, byte[] document)
    {
        try
        {
            return ContainerDefinitionReader.ReadNew(document);
        }
        catch (RefusedException)
        {
            throw new StoreCorruptException(file.Path, "the container's document can't be read.");
        }
    }

    private static void CheckRanges(ContainerFile file, List<PartitionRow> partitions)
    {
        string edge = EpkWindow.All.Min;
        foreach (PartitionRow row in partitions)
        {
            edge = row.Range.Min == edge ? row.Range.Max : throw new StoreCorruptException(file.Path, "its physical partitions have gaps.");
        }

        if (partitions.Count == 0 || edge != EpkWindow.All.Max)
        {
            throw new StoreCorruptException(file.Path, "a physical partition is missing.");
        }
    }

    private static Database DatabaseOf(Account account, string path, ResourceRow row) =>
        account.Databases.Find(row.Database) ?? throw new StoreCorruptException(path, $"the database of resource {row.ResourceId} is missing.");

    private static T Read<T>(string path, ResourceRow row, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or RefusedException)
        {
            throw new StoreCorruptException(path, $"resource {row.ResourceId} can't be read.", exception);
        }
    }

    private static string NameOf(ResourceRow row)
    {
        using JsonDocument document = JsonDocument.Parse(row.Document);
        return document.RootElement.GetProperty("id"u8).GetString() ?? throw new FormatException("The id is null.");
    }

    private static byte[] IdOf(ResourceRow row, int bytes) =>
        ResourceId.TryParse(row.ResourceId, bytes, out byte[] id) ? id : throw new FormatException($"'{row.ResourceId}' is not a resource id.");
}

/// <summary>An item as it was stored, with what its JSON says.</summary>
internal readonly record struct RestoredItem(ItemDocument Document, ItemRow Row);

/// <summary>The counters of a partition, found out from its row and the items that came after the row was written.</summary>
internal sealed class Tally(PartitionRow row)
{
    private long lsn = row.Lsn;
    private long items;
    private long lastItem = row.LastItem;
    private long known;

    public PartitionRow Now => new(row.Range, lsn, items, lastItem);

    public void Count(ItemRow item)
    {
        items++;
        known += (long)item.Number <= row.LastItem ? 1 : 0;
        lsn = Math.Max(lsn, item.Lsn);
        lastItem = Math.Max(lastItem, (long)item.Number);
    }

    public void Check(ContainerFile file)
    {
        if (known != row.Items)
        {
            throw new StoreCorruptException(file.Path, $"physical partition {row.Range.Id} has {known} items instead of {row.Items}.");
        }
    }
}
