namespace Serverless.CosmosEmulator.Durability;

/// <summary>The kinds of resources that the account's file has. The names are stored.</summary>
internal enum ResourceKind
{
    Database,

    /// <summary>That there is one. What it looks like is in its own file.</summary>
    Container,

    Offer,
    EncryptionKey,
    User,
    Permission,
    StoredProcedure,
    Trigger,
    UserDefinedFunction,
}

/// <summary>Mirrors stored data. A resource by its id, with the database it is in and the document that clients read.</summary>
internal sealed record ResourceRow(ResourceKind Kind, string ResourceId, string Database, byte[] Document);

/// <summary>The file that knows which resources there are. Changes are rare, so each is a transaction and waits for it.</summary>
internal sealed class AccountFile : IDisposable
{
    private const int Format = 1;

    private const string Schema = """
        CREATE TABLE resources (
            kind TEXT NOT NULL, rid TEXT NOT NULL, database TEXT NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (kind, rid)) WITHOUT ROWID
        """;

    private readonly SqliteFile file;
    private readonly SqliteStatement put;
    private readonly SqliteStatement delete;

    public AccountFile(string path, bool create, bool syncEveryCommit)
    {
        file = SqliteFile.Open(path, create, Schema, Format, syncEveryCommit);
        put = file.Prepare("REPLACE INTO resources VALUES (?, ?, ?, ?)");
        delete = file.Prepare("DELETE FROM resources WHERE kind = ? AND rid = ?");
    }

    public string Path => file.Path;

    public List<ResourceRow> Resources()
    {
        List<ResourceRow> rows = [];
        using SqliteStatement row = file.Prepare("SELECT kind, rid, database, document FROM resources");
        while (row.Next())
        {
            rows.Add(Enum.TryParse(row.Text(0), out ResourceKind kind)
                ? new ResourceRow(kind, row.Text(1), row.Text(2), row.Bytes(3))
                : throw new StoreCorruptException(Path, $"it has a resource of the unknown kind '{row.Text(0)}'."));
        }

        return rows;
    }

    public void Write(IEnumerable<ResourceRow> put, IEnumerable<(ResourceKind Kind, string ResourceId)> delete) => file.Transact(() =>
    {
        foreach ((ResourceKind kind, string resourceId) in delete)
        {
            this.delete.Bind(1, kind.ToString()).Bind(2, resourceId).Run();
        }

        foreach (ResourceRow row in put)
        {
            this.put.Bind(1, row.Kind.ToString()).Bind(2, row.ResourceId).Bind(3, row.Database).Bind(4, row.Document).Run();
        }
    });

    public void Dispose() => file.Dispose();
}
