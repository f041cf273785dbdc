using System.Text;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Tests.Support;
using SQLitePCL;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>What can't be opened is refused with the file's name and the reason, and stays as it was.</summary>
public sealed class DamagedDirectoryTests : IDisposable
{
    private readonly TempDirectory directory = new();

    [Fact]
    public async Task A_directory_belongs_to_one_emulator()
    {
        await using EmbeddedCosmos first = Open();

        StoreLockedException locked = Assert.Throws<StoreLockedException>(Open);

        Assert.Equal($"The data directory '{directory.Path}' is in use by process {Environment.ProcessId}.", locked.Message);
        await first.DisposeAsync();
        await Open().DisposeAsync();
    }

    [Fact]
    public async Task A_directory_of_another_process_is_an_error_of_one_line_until_it_is_killed()
    {
        await using EmulatorProcess first = await EmulatorProcess.StartAsync("--port", "0", "--data", directory.Path);

        (int code, string output, string errors) = await EmulatorProcess.RunAsync("--port", "0", "--data", directory.Path);

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Matches($"^cosmos-emulator: The data directory '{directory.Path}' is in use by process [0-9]+\\.\n$", errors);
        await first.KillAsync();
        await using EmulatorProcess second = await EmulatorProcess.StartAsync("--port", "0", "--data", directory.Path);
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_directory_is_an_error_of_one_line()
    {
        string file = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        (int code, _, string errors) = await EmulatorProcess.RunAsync("--port", "0", "--data", file);

        Assert.Equal(1, code);
        Assert.Equal($"cosmos-emulator: The data directory '{file}' can't be used: it is a file.\n", errors);
    }

    [Theory]
    [InlineData(0, 100, "file is not a database")]
    [InlineData(0, 20, "file is not a database")]
    public async Task Rubbish_at_the_beginning_of_a_file_is_found(int offset, int bytes, string finding)
    {
        await FillAsync();
        foreach (string file in (string[])[directory.ContainerFile, directory.AccountFile])
        {
            Overwrite(file, offset, bytes);
            AssertDamaged(file, finding);
        }
    }

    [Fact]
    public async Task A_changed_byte_in_an_item_is_found()
    {
        await FillAsync();
        byte[] content = await File.ReadAllBytesAsync(directory.ContainerFile, TestContext.Current.CancellationToken);
        int place = content.AsSpan().IndexOf("text of 77"u8);
        Assert.True(place > 0);
        content[place]++;
        await File.WriteAllBytesAsync(directory.ContainerFile, content, TestContext.Current.CancellationToken);

        AssertDamaged(directory.ContainerFile, "item 78 is not what was written.");
    }

    /// <summary>A page of zeros or rubbish, wherever it is: in the tables, or where it is only seen when the items are counted.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_page_is_found_wherever_it_is(bool zeros)
    {
        await FillAsync();
        string file = directory.ContainerFile;
        byte[] content = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        const int page = 4096;
        Assert.True(content.Length > 10 * page);
        for (int offset = 0; offset < content.Length; offset += page)
        {
            byte[] damaged = [.. content];
            damaged.AsSpan(offset, page).Fill(zeros ? (byte)0 : (byte)0xA7);
            await File.WriteAllBytesAsync(file, damaged, TestContext.Current.CancellationToken);
            StoreCorruptException found = Assert.Throws<StoreCorruptException>(Open);
            Assert.Equal(file, found.Path);
        }

        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        await Open().DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_too_short_is_found()
    {
        await FillAsync();
        using (FileStream file = File.OpenWrite(directory.ContainerFile))
        {
            file.SetLength(file.Length / 2);
        }

        AssertDamaged(directory.ContainerFile, "database disk image is malformed");
    }

    [Fact]
    public async Task An_empty_file_is_found()
    {
        await FillAsync();
        foreach (string file in (string[])[directory.ContainerFile, directory.AccountFile])
        {
            await File.WriteAllBytesAsync(file, [], TestContext.Current.CancellationToken);
            AssertDamaged(file, "it is not a file of this emulator.");
        }
    }

    [Fact]
    public async Task A_missing_file_is_found()
    {
        await FillAsync();
        string container = directory.ContainerFile;
        File.Move(container, container + ".moved");
        AssertDamaged(container, "it is missing.");
        File.Move(container + ".moved", container);
        File.Delete(directory.AccountFile);
        AssertDamaged(directory.AccountFile, "it is missing, although there are containers.");
        Assert.True(File.Exists(container)); // Nothing is tidied up on such a day.
    }

    [Theory]
    [InlineData("DELETE FROM items WHERE number = 5", "physical partition 0 has 199 items instead of 200.")]
    [InlineData("DELETE FROM partitions", "a physical partition is missing.")]
    [InlineData("UPDATE partitions SET max = '3F'", "a physical partition is missing.")]
    [InlineData("DELETE FROM container", "the container's document is missing.")]
    [InlineData("UPDATE container SET document = CAST('[]' AS BLOB)", "the container's document can't be read.")]
    [InlineData("DROP TABLE items", "no such table: items")]
    [InlineData("UPDATE items SET lsn = lsn + 1 WHERE number = 9", "item 9 is not what was written.")]
    public async Task What_another_program_has_changed_is_found(string sql, string finding)
    {
        await FillAsync();
        Execute(directory.ContainerFile, sql);

        StoreException refused = Assert.ThrowsAny<StoreException>(Open);

        Assert.Contains(finding, refused.Message);
        Assert.Contains(directory.ContainerFile, refused.Message);
    }

    [Fact]
    public async Task Another_programs_database_is_refused()
    {
        await FillAsync();
        Execute(directory.AccountFile, "PRAGMA application_id = 7");
        AssertDamaged(directory.AccountFile, "it is not a file of this emulator.");
    }

    [Fact]
    public async Task A_newer_format_is_refused()
    {
        await FillAsync();
        foreach (string file in (string[])[directory.ContainerFile, directory.AccountFile])
        {
            Execute(file, "PRAGMA user_version = 2");
            StoreVersionException refused = Assert.Throws<StoreVersionException>(Open);
            Assert.Equal($"The file '{file}' has format 2, but this version of the emulator knows only formats up to 1.", refused.Message);
        }
    }

    [Fact]
    public async Task A_damaged_directory_is_an_error_of_one_line()
    {
        await FillAsync();
        Overwrite(directory.ContainerFile, 0, 100);

        (int code, string output, string errors) = await EmulatorProcess.RunAsync("--port", "0", "--data", directory.Path);

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.StartsWith($"cosmos-emulator: The file '{directory.ContainerFile}' is damaged: file is not a database.", Assert.Single(errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task A_container_that_was_not_created_to_the_end_is_tidied_up()
    {
        await FillAsync();
        string begun = Path.Combine(directory.Path, "containers", "0102030485060708.db");
        await File.WriteAllBytesAsync(begun, [], TestContext.Current.CancellationToken);

        await Open().DisposeAsync();

        Assert.False(File.Exists(begun));
        Assert.True(File.Exists(directory.ContainerFile));
    }

    public void Dispose() => directory.Dispose();

    private EmbeddedCosmos Open() => EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = directory.Path });

    private void AssertDamaged(string file, string finding)
    {
        StoreCorruptException damaged = Assert.Throws<StoreCorruptException>(Open);
        Assert.Equal(file, damaged.Path);
        Assert.Contains($"The file '{file}' is damaged: {finding}", damaged.Message);
    }

    private async Task FillAsync()
    {
        await using TestAccount account = await TestAccount.StartAsync(dataDirectory: directory.Path);
        Container container = await account.ContainerAsync();
        for (int batch = 0; batch < 2; batch++)
        {
            TransactionalBatch items = container.CreateTransactionalBatch(new PartitionKey("a"));
            for (int i = 0; i < 100; i++)
            {
                items.CreateItem(new Thing($"{(batch * 100) + i}", "a", text: $"text of {(batch * 100) + i}"));
            }

            Assert.True((await items.ExecuteAsync()).IsSuccessStatusCode);
        }
    }

    private static void Overwrite(string path, int offset, int bytes)
    {
        using FileStream file = File.OpenWrite(path);
        file.Position = offset;
        file.Write(Encoding.ASCII.GetBytes(new string('?', bytes)));
    }

    private static void Execute(string path, string sql)
    {
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(path, out sqlite3 database));
        using (database)
        {
            Assert.Equal(raw.SQLITE_OK, raw.sqlite3_exec(database, sql));
        }
    }
}
