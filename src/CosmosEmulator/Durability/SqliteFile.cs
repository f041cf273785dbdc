using SQLitePCL;

namespace Serverless.CosmosEmulator.Durability;

/// <summary>One open file of the engine, for one thread at a time. docs/decisions says why SQLite, and why its plain interface.</summary>
internal sealed class SqliteFile : IDisposable
{
    private const int ApplicationId = 0x436F_736D; // "Cosm": tells our files from other programs' databases.
    private const int CheckpointPages = 8000; // 32 MB of log: what is written again and again reaches the file only once.
    private const int LogBytesKept = 40 * 1024 * 1024; // All of it: to write over blocks costs half of what it costs to get new ones.

    private readonly sqlite3 connection;
    private readonly List<SqliteStatement> statements = [];
    private SqliteStatement? begin;
    private SqliteStatement? commit;

    static SqliteFile() => Batteries_V2.Init();

    private SqliteFile(string path, sqlite3 connection)
    {
        Path = path;
        this.connection = connection;
    }

    public string Path { get; }

    /// <summary>
    /// Makes a file with this schema and format, or opens one that has it. A file that was begun and not finished, because the
    /// process died, is made anew.
    /// </summary>
    public static SqliteFile Open(string path, bool create, string schema, int format, bool syncEveryCommit)
    {
        if (!create && !File.Exists(path))
        {
            throw new StoreCorruptException(path, "it is missing.");
        }

        if (create)
        {
            PrivateFiles.Open(path, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose(); // Its log gets the same rights.
        }

        int code = raw.sqlite3_open_v2(
            path, out sqlite3 connection, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        var file = new SqliteFile(path, connection);
        try
        {
            file.Check(code);
            file.Configure(syncEveryCommit);
            file.CheckFormat(create, schema, format);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(connection, sql));

    /// <summary>All of it happens or nothing.</summary>
    public void Transact(Action changes)
    {
        begin ??= Prepare("BEGIN IMMEDIATE");
        commit ??= Prepare("COMMIT");
        begin.Run();
        try
        {
            changes();
            commit.Run();
        }
        catch
        {
            // The engine may have rolled back by itself; what matters is the first error.
            _ = raw.sqlite3_exec(connection, "ROLLBACK");
            throw;
        }
    }

    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(connection, sql, out sqlite3_stmt statement));
        var prepared = new SqliteStatement(this, statement);
        statements.Add(prepared);
        return prepared;
    }

    public long Number(string sql)
    {
        Check(raw.sqlite3_prepare_v2(connection, sql, out sqlite3_stmt statement));
        using (statement)
        {
            int code = raw.sqlite3_step(statement);
            return code == raw.SQLITE_ROW ? raw.sqlite3_column_int64(statement, 0) : throw Failure(code);
        }
    }

    /// <summary>Brings everything from the log into the file, as far as that is possible, and closes it.</summary>
    public void Dispose()
    {
        foreach (SqliteStatement statement in statements)
        {
            statement.Dispose();
        }

        connection.Dispose(); // The last connection to a file checkpoints it and removes the log.
    }

    public void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    public StoreException Failure(int code)
    {
        string text = raw.sqlite3_errmsg(connection).utf8_to_string();
        return (code & 0xFF) switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new StoreCorruptException(Path, $"{text}."),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new StoreFailedException(Path, "another program has it open"),
            _ => new StoreFailedException(Path, $"{text} (SQLite {code})"),
        };
    }

    private void Configure(bool syncEveryCommit)
    {
        // One process has the directory, so the file can stay locked, which saves system calls and shared memory.
        Execute("PRAGMA locking_mode=EXCLUSIVE");
        Execute("PRAGMA journal_mode=WAL");
        Execute($"PRAGMA synchronous={(syncEveryCommit ? "FULL" : "NORMAL")}");
        Execute($"PRAGMA wal_autocheckpoint={CheckpointPages}");
        Execute($"PRAGMA journal_size_limit={LogBytesKept}");
        Execute("PRAGMA cache_size=-1000"); // The emulator keeps everything in memory itself.
        Execute("PRAGMA cell_size_check=ON");
    }

    private void CheckFormat(bool create, string schema, int format)
    {
        int application = (int)Number("PRAGMA application_id");
        if (application == 0 && create && Number("SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute($"BEGIN IMMEDIATE; {schema}; PRAGMA application_id={ApplicationId}; PRAGMA user_version={format}; COMMIT");
            return;
        }

        if (application != ApplicationId)
        {
            throw new StoreCorruptException(Path, "it is not a file of this emulator.");
        }

        int found = (int)Number("PRAGMA user_version");
        if (found > format)
        {
            throw new StoreVersionException(Path, found, format);
        }
    }
}

/// <summary>A prepared statement. Parameters count from 1 and columns from 0, as the engine does.</summary>
internal sealed class SqliteStatement(SqliteFile file, sqlite3_stmt statement) : IDisposable
{
    public SqliteStatement Bind(int parameter, long value)
    {
        file.Check(raw.sqlite3_bind_int64(statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, long? value)
    {
        file.Check(value is { } number ? raw.sqlite3_bind_int64(statement, parameter, number) : raw.sqlite3_bind_null(statement, parameter));
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        file.Check(raw.sqlite3_bind_text(statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        file.Check(raw.sqlite3_bind_blob(statement, parameter, value));
        return this;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        int code = raw.sqlite3_step(statement);
        if (code != raw.SQLITE_DONE)
        {
            StoreException failure = file.Failure(code);
            _ = raw.sqlite3_reset(statement); // Repeats the error.
            throw failure;
        }

        file.Check(raw.sqlite3_reset(statement));
    }

    /// <summary>Moves to the next row; after the last one the statement can run again.</summary>
    public bool Next()
    {
        int code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        StoreException? failure = code == raw.SQLITE_DONE ? null : file.Failure(code);
        _ = raw.sqlite3_reset(statement);
        return failure is null ? false : throw failure;
    }

    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    public long? OptionalNumber(int column) =>
        raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int64(statement, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.Dispose();
}
