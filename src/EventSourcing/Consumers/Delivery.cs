namespace Serverless.EventSourcing;

/// <summary>
/// A document as a feed delivered it: a commit, or, with <paramref name="Error"/>, one that can't be read. The version is that of its first
/// event. A document that stands at no version of any stream has the version 0 and a name that no stream can have.
/// </summary>
public sealed record Delivery(string Stream, long FirstVersion, Commit? Commit, Exception? Error)
{
    /// <summary>It stands at no version of any stream, so no stream waits for it.</summary>
    public bool IsStray => FirstVersion == 0;

    public static Delivery Of(Commit commit) => new(commit.Stream.Value, commit.FirstVersion, commit, Error: null);

    public static Delivery Unreadable(string stream, long firstVersion, Exception error) => new(stream, firstVersion, Commit: null, error);
}
