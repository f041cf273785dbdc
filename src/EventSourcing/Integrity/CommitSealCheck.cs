using System.Globalization;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>What can be wrong with one stored commit: with itself, and with the place it stands in.</summary>
internal static class CommitSealCheck
{
    /// <summary>Reads an item and compares its content with its seal. Without a commit there is always a fault.</summary>
    public static (Commit? Commit, BrokenLink? Fault) Read(JsonElement item)
    {
        try
        {
            Commit commit = CommitJson.Read(item);
            string? fault =
                commit.Hash is null ? "It has no seal."
                : HashOf(item) != commit.Hash ? "Its content is not what was sealed."
                : null;
            return (commit, fault is null ? null : Broken(commit, fault));
        }
        catch (CommitFormatException e)
        {
            return (null, new BrokenLink(e.Stream ?? "", e.Id ?? "", $"It is not a commit: {e.Reason}."));
        }
    }

    /// <summary>Whether a commit continues the one before it.</summary>
    public static BrokenLink? Misfit(Commit commit, CommitLink before) =>
        commit.FirstVersion != before.LastVersion + 1
            ? Broken(commit, string.Create(CultureInfo.InvariantCulture, $"It begins at version {commit.FirstVersion}; {before.LastVersion + 1} is missing."))
        : commit.Hash is not null && commit.PreviousHash != before.Hash ? Broken(commit, "It was not written behind the commit that is before it now.")
        : null;

    private static BrokenLink Broken(Commit commit, string reason) => new(commit.Stream.Value, Commit.IdOf(commit.FirstVersion), reason);

    private static string? HashOf(JsonElement item)
    {
        try
        {
            return CommitJson.HashOf(item);
        }
        catch (ArgumentException)
        {
            return null; // What has no canonical form was never sealed like this.
        }
    }
}
