using System.Globalization;
using System.Text;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Durability;

/// <summary>
/// A directory with everything of one account, for one process at a time: <c>account.db</c>, one file for each container in
/// <c>containers/</c> so that containers never wait for each other, and <c>emulator.lock</c>.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    // What the operating systems say when somebody else holds a lock.
    private const int WindowsSharing = 32;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly string containers;
    private readonly bool syncEveryCommit;
    private readonly FileStream lockFile;
    private readonly List<ContainerJournal> journals = [];

    private DataDirectory(string path, bool syncEveryCommit)
    {
        this.syncEveryCommit = syncEveryCommit;
        containers = Path.Combine(path, "containers");
        string account = Path.Combine(path, "account.db");
        try
        {
            PrivateFiles.CreateDirectory(path);
            PrivateFiles.CreateDirectory(containers);
            lockFile = Lock(path);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or (IOException and not StoreException))
        {
            throw StoreFailedException.OfDirectory(path, File.Exists(path) ? "it is a file" : exception.Message.TrimEnd('.'));
        }

        try
        {
            bool isNew = !File.Exists(account);
            if (isNew && Directory.EnumerateFiles(containers).Any())
            {
                throw new StoreCorruptException(account, "it is missing, although there are containers.");
            }

            Account = new AccountFile(account, create: isNew || !Directory.EnumerateFiles(containers).Any(), syncEveryCommit);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    public AccountFile Account { get; }

    /// <summary>Makes the directory if there is none. Throws a <see cref="StoreException"/>.</summary>
    public static DataDirectory Open(string path, bool syncEveryCommit) => new(Path.GetFullPath(path), syncEveryCommit);

    /// <summary>The container counts as created only once the account's file knows it.</summary>
    public ContainerJournal CreateContainer(byte[] resourceId, byte[] document, IReadOnlyList<RangeIdentity> ranges)
    {
        ContainerFile file = ContainerFile.Create(PathOf(resourceId), document, ranges, syncEveryCommit);
        var journal = new ContainerJournal(file);
        journal.Begin(ranges.Select(range => new PartitionRow(range, 0, 0, 0)));
        return Keep(journal);
    }

    public ContainerFile OpenContainer(byte[] resourceId) => ContainerFile.Open(PathOf(resourceId), syncEveryCommit);

    public ContainerJournal Keep(ContainerJournal journal)
    {
        lock (journals)
        {
            journals.Add(journal);
        }

        return journal;
    }

    public void Delete(ContainerJournal journal)
    {
        lock (journals)
        {
            journals.Remove(journal);
        }

        journal.Delete();
        DeleteFile(journal.Path);
    }

    /// <summary>Takes away files of containers that were not created to the end, or not deleted to the end.</summary>
    public void DeleteAllBut(IEnumerable<byte[]> resourceIds)
    {
        HashSet<string> known = [.. resourceIds.Select(PathOf)];
        foreach (string file in Directory.EnumerateFiles(containers, "*.db"))
        {
            if (!known.Contains(file))
            {
                DeleteFile(file);
            }
        }
    }

    public void Dispose()
    {
        foreach (ContainerJournal journal in journals)
        {
            journal.Dispose();
        }

        journals.Clear();
        Account.Dispose();
        lockFile.Dispose();
    }

    private string PathOf(byte[] resourceId) => Path.Combine(containers, $"{Convert.ToHexStringLower(resourceId)}.db");

    private static void DeleteFile(string path)
    {
        File.Delete(path);
        File.Delete(path + "-wal");
    }

    /// <summary>The operating system takes the lock back when the process ends, however it ends.</summary>
    private static FileStream Lock(string directory)
    {
        // Another process can't read a file that is locked, so the name of the owner is in a file of its own.
        string owner = Path.Combine(directory, "emulator.pid");
        try
        {
            FileStream stream = PrivateFiles.Open(Path.Combine(directory, "emulator.lock"), FileMode.OpenOrCreate, FileShare.None);
            using FileStream name = PrivateFiles.Open(owner, FileMode.Create, FileShare.Read);
            name.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return stream;
        }
        catch (IOException exception) when ((exception.HResult & 0xFFFF) is WindowsSharing or LinuxWouldBlock or MacWouldBlock)
        {
            string? process = File.Exists(owner) ? File.ReadAllText(owner) : null;
            throw new StoreLockedException(directory, process is { Length: > 0 } ? $"process {process}" : null, exception);
        }
    }
}
