using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>Commits as JSON Lines, one commit a line in its canonical form: what the database adds is left out, the seal stays in.</summary>
public static class CommitExport
{
    /// <summary>Writes the items of a feed, such as <see cref="ICommitLog.ReadAllItemsAsync"/>, and returns how many there were.</summary>
    /// <exception cref="ArgumentException">An item has no canonical form; what came before it is written.</exception>
    public static async Task<long> WriteAsync(IAsyncEnumerable<JsonElement> items, Stream target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(target);
        ArrayBufferWriter<byte> line = new();
        long count = 0;
        await foreach (JsonElement item in items.WithCancellation(cancellationToken))
        {
            line.ResetWrittenCount();
            CanonicalJson.WriteObject(line, item, static m => m.Name.StartsWith('_'));
            line.Write("\n"u8);
            await target.WriteAsync(line.WrittenMemory, cancellationToken);
            count++;
        }
        return count;
    }
}

/// <summary>How an import ended, or how far it is.</summary>
/// <param name="Commits">Lines that were read.</param>
/// <param name="Written">Commits that the store did not have.</param>
/// <param name="Known">Commits that the store had, sealed by the same hash.</param>
public sealed record ImportProgress(long Commits, long Written, long Known);

/// <summary>A line that can't be imported. What came before it is in the store; importing the whole file again goes on behind it.</summary>
public sealed class CommitImportException(long line, string reason, Exception? inner = null) : Exception($"Line {line}: {reason}", inner)
{
    public long Line { get; } = line;
}

/// <summary>
/// Brings exported commits into a store, each under its own seal. Importing the same lines again changes nothing; a store that has another
/// commit in the place of one is left as it is.
/// </summary>
public sealed class CommitImport(IEventStore store)
{
    private readonly Dictionary<StreamName, StreamHead> heads = [];
    private ImportProgress progress = new(0, 0, 0);

    /// <summary>Reads lines to their end and says after each how far it is.</summary>
    /// <exception cref="CommitImportException">A line is no commit, is not what was sealed, leaves a gap, or the store has another commit there.</exception>
    public async IAsyncEnumerable<ImportProgress> RunAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        using StreamReader lines = new(source, leaveOpen: true);
        for (long number = 1; await lines.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line.Length == 0)
            {
                continue;
            }
            bool isNew = await ImportAsync(Read(number, line), number, cancellationToken);
            progress = new ImportProgress(progress.Commits + 1, progress.Written + (isNew ? 1 : 0), progress.Known + (isNew ? 0 : 1));
            yield return progress;
        }
    }

    private static Commit Read(long number, string line)
    {
        try
        {
            using JsonDocument item = JsonDocument.Parse(line);
            Commit commit = CommitJson.Read(item.RootElement);
            return CommitJson.HashOf(item.RootElement) == commit.Hash
                ? commit
                : throw new CommitImportException(number, $"the commit {Commit.IdOf(commit.FirstVersion)} of {commit.Stream} is not what was sealed.");
        }
        catch (Exception e) when (e is JsonException or CommitFormatException or ArgumentException)
        {
            throw new CommitImportException(number, $"it is not a commit. {e.Message}", e);
        }
    }

    private async Task<bool> ImportAsync(Commit commit, long number, CancellationToken cancellationToken)
    {
        StreamHead head = heads.TryGetValue(commit.Stream, out StreamHead? known) ? known : await store.ReadHeadAsync(commit.Stream, cancellationToken);
        heads[commit.Stream] = head;
        if (commit.FirstVersion <= head.Version)
        {
            return await IsStoredAsync(commit, cancellationToken) ? false : throw Other(commit, number);
        }
        if (commit.FirstVersion != head.Version + 1)
        {
            throw new CommitImportException(number, $"{commit.Stream} ends at version {head.Version}, and this commit begins at {commit.FirstVersion}.");
        }
        if (commit.PreviousHash != head.Hash)
        {
            throw Other(commit, number);
        }
        switch (await store.AppendAsync(head, commit, cancellationToken))
        {
            case AppendResult.Appended appended when appended.Commit.Hash == commit.Hash:
                heads[commit.Stream] = appended.Head;
                return true;
            case AppendResult.Appended:
                throw new CommitImportException(number, $"the store sealed {commit.Stream} at version {commit.FirstVersion} otherwise.");
            default:
                heads.Remove(commit.Stream); // Somebody writes to it at the same time.
                return await IsStoredAsync(commit, cancellationToken) ? false : throw Other(commit, number);
        }
    }

    private async Task<bool> IsStoredAsync(Commit commit, CancellationToken cancellationToken)
    {
        await foreach (Commit stored in store.ReadAsync(commit.Stream, commit.FirstVersion, cancellationToken))
        {
            return stored.FirstVersion == commit.FirstVersion && stored.Hash == commit.Hash;
        }
        return false;
    }

    private static CommitImportException Other(Commit commit, long number) =>
        new(number, $"the store has another story of {commit.Stream} at version {commit.FirstVersion}.");
}
