using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>A line that can't be imported, and why.</summary>
public sealed class CommitImportException(long line, string reason, Exception? inner = null) : Exception($"Line {line}: {reason}", inner)
{
    public long Line { get; } = line;

    /// <summary>Without the number of the line.</summary>
    public string Reason { get; } = reason;
}

/// <summary>
/// Exported commits, line by line, as far as they can be checked without a store: each is a commit under its seal, and those of a stream
/// stand one behind the other. Keeps a name and a seal for each stream it has seen, about 400 bytes.
/// </summary>
public sealed class CommitLines
{
    private readonly Dictionary<StreamName, (long First, CommitLink Last)> streams = [];

    /// <summary>Reads the next line. A commit that stood on a line before may come again: a file may be several exports.</summary>
    /// <exception cref="CommitImportException">It is no commit, is not what was sealed, leaves a gap, or comes too late.</exception>
    public Commit Next(long number, string line)
    {
        Commit commit = Read(number, line);
        if (!streams.TryGetValue(commit.Stream, out (long First, CommitLink Last) seen))
        {
            streams[commit.Stream] = (commit.FirstVersion, CommitLink.Of(commit));
            return commit;
        }
        if (commit.FirstVersion < seen.First)
        {
            throw new CommitImportException(
                number, $"this commit begins at version {commit.FirstVersion} of {commit.Stream} and stands behind the one at {seen.First}: a stream comes in order.");
        }
        if (commit.FirstVersion > seen.Last.LastVersion + 1)
        {
            throw new CommitImportException(
                number, $"{commit.Stream} has come to version {seen.Last.LastVersion} in the lines before, and this commit begins at {commit.FirstVersion}.");
        }
        if (commit.FirstVersion == seen.Last.LastVersion + 1)
        {
            if (commit.PreviousHash != seen.Last.Hash)
            {
                throw new CommitImportException(number, $"the lines before tell another story of {commit.Stream} than this commit was written behind.");
            }
            streams[commit.Stream] = (seen.First, CommitLink.Of(commit));
        }
        return commit;
    }

    /// <summary>The streams that were read, from which version to which commit.</summary>
    internal IReadOnlyDictionary<StreamName, (long First, CommitLink Last)> Streams => streams;

    internal static Commit Read(long number, string line)
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
}
