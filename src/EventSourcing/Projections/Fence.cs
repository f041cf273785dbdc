namespace Serverless.EventSourcing;

/// <summary>How far each stream went into a document, while commits are applied to it.</summary>
internal sealed class Fence(IReadOnlyDictionary<string, long>? seen, DateTimeOffset asOf)
{
    private readonly Dictionary<string, long> versions = seen is null ? [] : new(seen, StringComparer.Ordinal);

    public long this[StreamName stream] => versions.GetValueOrDefault(stream.Value);

    public IReadOnlyDictionary<string, long> Seen => versions;

    /// <summary>The time of the newest commit seen. Streams have no common order, so it never goes back.</summary>
    public DateTimeOffset AsOf { get; private set; } = asOf;

    public bool HasMoved { get; private set; }

    public void Advance(Commit commit) => Advance(commit, commit.LastVersion);

    /// <summary>For a partial write that stops inside a commit.</summary>
    public void Advance(Commit commit, long version)
    {
        versions[commit.Stream.Value] = version;
        AsOf = commit.Metadata.Timestamp > AsOf ? commit.Metadata.Timestamp : AsOf;
        HasMoved = true;
    }

    /// <summary>For an event that turned out not to be applicable after the fence had passed it.</summary>
    public void SetBack(StreamName stream, long version) => versions[stream.Value] = version;
}
