using System.Globalization;
using System.Runtime.CompilerServices;

namespace Serverless.EventSourcing;

/// <summary>Which decisions of the past are made again: of a category, or of one stream of it, and in a period.</summary>
public sealed record WhatIfQuery
{
    public required string Category { get; init; }

    /// <summary>One stream of the category; null for all.</summary>
    public StreamName? Stream { get; init; }

    /// <summary>Decided at this instant or later, by the clock of who decided it.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Decided before this instant, so that periods follow each other without a gap.</summary>
    public DateTimeOffset? To { get; init; }

    internal string Text => string.Create(CultureInfo.InvariantCulture, $"what-if\n{Category}\n{Stream}\n{From?.UtcTicks}\n{To?.UtcTicks}");
}

/// <summary>How much one page may be; it ends at whichever comes first. Each page comes at least one decision further.</summary>
public sealed record WhatIfLimits
{
    /// <summary>Decisions looked at, those outside the period among them.</summary>
    public int MaxDecisions { get; init; } = 2_000;

    /// <summary>Differences in a page.</summary>
    public int MaxDifferences { get; init; } = 100;

    /// <summary>Bytes of commands, events and states in the differences of a page.</summary>
    public long MaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Begins nothing new after this time.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>How often one verdict was found on one command under one version of the rules of its time.</summary>
public sealed record WhatIfCount(string Command, string Policy, Verdict Verdict, long Count);

/// <summary>A stream whose past can't be read or folded, from some place on.</summary>
public sealed record UnreadableStream(StreamName Stream, string Detail);

/// <summary>One page of a what-if; its numbers are its own, and the sum of all pages is the answer.</summary>
public sealed record WhatIfPage
{
    /// <summary>Streams that were come to the end of.</summary>
    public required long Streams { get; init; }

    /// <summary>Accepted commands of the period that were decided again.</summary>
    public required long Commits { get; init; }

    /// <summary>Refused commands of the period that were decided again.</summary>
    public required long Refused { get; init; }

    public required IReadOnlyList<WhatIfCount> Counts { get; init; }

    /// <summary>Everything whose verdict is not <see cref="Verdict.Same"/>, by stream, and in a stream in the order of decision.</summary>
    public required IReadOnlyList<Reconsidered> Different { get; init; }

    public required IReadOnlyList<UnreadableStream> Unreadable { get; init; }

    /// <summary>Null at the end.</summary>
    public required string? Continuation { get; init; }
}

/// <summary>
/// Decides the commands of the past with today's rules, each on the state of its time as it was recorded, and says where that differs. Writes
/// nothing. Goes from stream to stream by name and holds one stream's state at a time, so its memory does not grow with the store; a page
/// that ends inside a stream folds that stream again from its beginning, so one stream of a million commits is slow to page through.
/// </summary>
public sealed class WhatIf(
    IReadOnlyDictionary<string, IAggregateEndpoint> aggregates, ICommitLog log, IRefusedCommandStore refused, TimeProvider time)
{
    /// <exception cref="InvalidContinuationException">The continuation was not made for this query.</exception>
    /// <exception cref="KeyNotFoundException">There is no such category.</exception>
    public async Task<WhatIfPage> ReadPageAsync(
        WhatIfQuery query, WhatIfLimits limits, string? continuation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(limits);
        IAggregateHistory history = aggregates[query.Category].History;
        Place place = Place.Parse(Continuation.Unwrap(query.Text, continuation));
        WhatIfTally tally = new(limits, time);
        await foreach (StreamName stream in StreamsAsync(query, place, cancellationToken))
        {
            if (tally.IsFull)
            {
                return tally.ToPage(Continuation.Wrap(query.Text, place.ToString()));
            }
            string? after = stream == place.Stream ? place.Inside : null;
            if (await ReconsiderAsync(history, stream, after, query, tally, cancellationToken) is { } stopped)
            {
                return tally.ToPage(Continuation.Wrap(query.Text, new Place(stream, stopped).ToString()));
            }
            place = new Place(stream, Inside: null);
        }
        return tally.ToPage(continuation: null);
    }

    /// <summary>Null when it came to the end of the stream; otherwise the last decision that is in the page.</summary>
    private async Task<string?> ReconsiderAsync(
        IAggregateHistory history, StreamName stream, string? after, WhatIfQuery query, WhatIfTally tally, CancellationToken cancellationToken)
    {
        try
        {
            string? last = null;
            await foreach (PastDecision decision in history.ReadDecisionsAsync(
                stream, refused.ReadAsync(stream, afterId: null, cancellationToken), cancellationToken))
            {
                DateTimeOffset at = decision.Metadata.Timestamp;
                if (decision.Commit is not null && at >= query.To)
                {
                    break; // What comes after it in the stream was decided later still.
                }
                if (after is not null && string.CompareOrdinal(decision.Position, after) <= 0)
                {
                    continue; // In an earlier page; folded again for the state after it.
                }
                if (last is not null && tally.IsFull)
                {
                    return last;
                }
                last = decision.Position;
                bool isWanted = !(at < query.From) && !(at >= query.To);
                tally.Add(decision, isWanted);
            }
        }
        catch (Exception e) when (e is EventDecodeException or CommitFormatException or StreamGapException or DeciderException or FormatException)
        {
            tally.Add(new UnreadableStream(stream, e.Message)); // The others are as readable as before.
        }
        tally.EndStream();
        return null;
    }

    private async IAsyncEnumerable<StreamName> StreamsAsync(
        WhatIfQuery query, Place place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (query.Stream is { } only)
        {
            yield return only;
            yield break;
        }
        if (place is { Stream: { } unfinished, Inside: not null })
        {
            yield return unfinished;
        }
        // A stream may have nothing but refusals: somebody who asks something of what was never opened.
        await using IAsyncEnumerator<StreamName> begun = log.ReadStreamsAsync(query.Category, place.Stream, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using IAsyncEnumerator<StreamName> refusedOnes = refused.ReadRefusedBeginningsAsync(query.Category, place.Stream, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        StreamName? left = await NextAsync(begun);
        StreamName? right = await NextAsync(refusedOnes);
        while (left is not null || right is not null)
        {
            int order = left is null ? 1 : right is null ? -1 : string.CompareOrdinal(left.Value, right.Value);
            yield return order <= 0 ? left! : right!;
            left = order <= 0 ? await NextAsync(begun) : left;
            right = order >= 0 ? await NextAsync(refusedOnes) : right;
        }
    }

    private static async ValueTask<StreamName?> NextAsync(IAsyncEnumerator<StreamName> streams) =>
        await streams.MoveNextAsync() ? streams.Current : null;

    /// <summary>Where a page begins: after a stream, or inside one, after a decision.</summary>
    private sealed record Place(StreamName? Stream, string? Inside)
    {
        public static Place Parse(string? text) =>
            text?.Split('\n') is [var stream, var inside] ? new Place(StreamName.Parse(stream), inside.Length == 0 ? null : inside) : new Place(null, null);

        public override string ToString() => $"{Stream}\n{Inside}";
    }
}
