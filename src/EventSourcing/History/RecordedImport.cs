using System.Collections.Concurrent;
using System.Text;

namespace Serverless.EventSourcing;

/// <summary>Who imports and why. Streams that have commits already are left alone unless <paramref name="IntoExisting"/> says otherwise.</summary>
public sealed record ImportOrder(string Actor, string? ActorName, string Reason, bool IntoExisting);

/// <summary>
/// Imports lines in one piece: all are checked before the first is written, and the import is on record before it begins, with its reason
/// and with what it brings of which stream.
/// </summary>
/// <param name="store">What is imported into.</param>
/// <param name="actions">Where imports are on record.</param>
/// <param name="isCategory">Whether this app has an aggregate of the category: nothing could read the streams of another one.</param>
public sealed class RecordedImport(IEventStore store, OperatorActions actions, Func<string, bool> isCategory)
{
    /// <summary>Under this name imports are on record, in the place of a consumer.</summary>
    public const string RecordName = "store";

    /// <summary>Streams of one piece: the record names each.</summary>
    public const int MaxStreams = 200;

    /// <exception cref="CommitImportException">A line can't be imported. None is written if it shows without the store.</exception>
    public Task<ImportProgress> RunAsync(ReadOnlyMemory<byte> lines, ImportOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        OperatorAction action = actions.New("import", RecordName, order.Actor, order.ActorName) with { Reason = order.Reason, Streams = Check(lines) };
        return actions.RunAsync(
            action,
            token => RunAsync(new CommitImport(store) { IntoExisting = order.IntoExisting }, lines, token),
            r => new ActionOutcome(
                "imported", $"commits: {r.Commits}, written: {r.Written}, known: {r.Known}{(order.IntoExisting ? "; existing streams were allowed" : "")}"),
            cancellationToken);
    }

    /// <summary>Says what would be written, and which lines leave a gap: in a dry run an earlier piece may be what fills it.</summary>
    /// <exception cref="CommitImportException">A line can't be imported.</exception>
    public async Task<(ImportProgress Result, IReadOnlyList<ImportGap> Gaps)> TryAsync(
        ReadOnlyMemory<byte> lines, bool intoExisting, CancellationToken cancellationToken)
    {
        Check(lines);
        ConcurrentBag<ImportGap> gaps = [];
        CommitImport import = new(store) { IsDryRun = true, IntoExisting = intoExisting, OnGap = gaps.Add };
        ImportProgress result = await RunAsync(import, lines, cancellationToken);
        return (result, [.. gaps.OrderBy(g => g.Line)]);
    }

    private static async Task<ImportProgress> RunAsync(CommitImport import, ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        using MemoryStream source = new(lines.ToArray(), writable: false);
        return await import.RunAsync(source, cancellationToken).LastAsync(cancellationToken);
    }

    private IReadOnlyList<ImportedStream> Check(ReadOnlyMemory<byte> lines)
    {
        CommitLines check = new();
        long number = 0;
        foreach (string line in Encoding.UTF8.GetString(lines.Span).Split('\n'))
        {
            number++;
            string text = line.TrimEnd('\r');
            if (text.Length > 0 && check.Next(number, text).Stream is var stream && !isCategory(stream.Category))
            {
                throw new CommitImportException(number, $"Unknown category '{stream.Category}'.");
            }
            if (check.Streams.Count > MaxStreams)
            {
                throw new CommitImportException(number, $"Too many streams in one request: maximum {MaxStreams}. Send the lines in several requests.");
            }
        }
        return [.. check.Streams.Select(s => new ImportedStream(s.Key.Value, s.Value.First, s.Value.Last.LastVersion, s.Value.Last.Hash!))];
    }
}
