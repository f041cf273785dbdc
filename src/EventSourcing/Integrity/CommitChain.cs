using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>Where a chain of commits is broken: the first place at which a stream is not what was written.</summary>
/// <param name="Stream">As stored.</param>
/// <param name="Id">Of the stored item.</param>
/// <param name="Reason">In a sentence, without payload.</param>
public sealed record BrokenLink(string Stream, string Id, string Reason);

/// <summary>Follows the stored items of one stream, first to last, and finds where something was changed, taken out or put in.</summary>
/// <remarks>
/// What is missing at the end of a stream leaves no trace in it; who fears that keeps <see cref="Hash"/> of each stream elsewhere. Who can
/// write every item of a stream can seal all of it anew: a chain tells of changes, it does not prevent them.
/// </remarks>
public sealed class CommitChain
{
    private CommitLink last = CommitLink.Start;
    private BrokenLink? broken;

    /// <summary>The seal of the newest commit; null before the first.</summary>
    public string? Hash => last.Hash;

    public long Commits { get; private set; }

    /// <summary>Looks at the next item as it is stored. Null while everything fits, then the first fault for ever.</summary>
    public BrokenLink? Next(JsonElement item)
    {
        broken ??= Check(item);
        Commits++;
        return broken;
    }

    private BrokenLink? Check(JsonElement item)
    {
        (Commit? commit, BrokenLink? fault) = CommitSealCheck.Read(item);
        if (commit is null)
        {
            return fault;
        }
        BrokenLink? misfit = CommitSealCheck.Misfit(commit, last);
        last = CommitLink.Of(commit);
        return misfit ?? fault;
    }
}
