using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>An inbox in this process's memory, with every guarantee of the port; for tests and for trying a context out.</summary>
public sealed class InMemoryInboxStore(TimeProvider time) : IInboxStore
{
    private const string BacklogId = "~backlog";

    private readonly Dictionary<(StreamName Stream, string Id), Entry> entries = [];
    private readonly Lock gate = new();
    private long changes;

    /// <summary>The feed: the latest change of each item from a position on, oldest first. The first position is "0".</summary>
    public InboxPage ReadFeed(string position, int maxChanges) => Page(_ => true, position, maxChanges);

    public Task<InboxAdd> TryAddAsync(InboxCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            bool isFree = Find(command.Stream, command.Id) is null;
            if (isFree)
            {
                Put(command.Stream, command.Id, command with { Outcome = null }, null, DateTimeOffset.MaxValue);
            }
            return Task.FromResult(new InboxAdd(isFree, RequestCharge: 0));
        }
    }

    public Task<InboxCommand?> ReadAsync(StreamName stream, string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(Find(stream, id) is { Command: { } command } entry ? command with { ETag = entry.ETag } : null);
        }
    }

    public Task<bool> TrySettleAsync(InboxCommand command, InboxOutcome outcome, TimeSpan keep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (command.ETag is null || Find(command.Stream, command.Id)?.ETag != command.ETag)
            {
                return Task.FromResult(false);
            }
            Put(command.Stream, command.Id, command with { Outcome = outcome }, null, time.GetUtcNow() + keep);
            return Task.FromResult(true);
        }
    }

    public Task<NewestPage<InboxCommand>> ReadNewestAsync(InboxStatus status, NewestQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(InMemoryNewest.Page(query, $"inbox {status}", entries.Values
                .Where(e => e.Command?.Status == status && e.ExpiresAt > time.GetUtcNow())
                .OrderBy(e => e.Number)
                .Select(e => (e.Command! with { ETag = e.ETag }, e.Command!.Stream, e.ChangedAt))));
        }
    }

    public Task<InboxPage> ReadChangesAsync(StreamName stream, string position, int maxChanges, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Page(s => s == stream, position, maxChanges));
    }

    public Task<InboxBacklog?> ReadBacklogAsync(StreamName stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(Find(stream, BacklogId) is { Backlog: { } backlog } entry ? backlog with { ETag = entry.ETag } : null);
        }
    }

    public Task<bool> TryWriteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backlog);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            bool isUnchanged = Find(backlog.Stream, BacklogId)?.ETag == backlog.ETag;
            if (isUnchanged)
            {
                Put(backlog.Stream, BacklogId, null, backlog, DateTimeOffset.MaxValue);
            }
            return Task.FromResult(isUnchanged);
        }
    }

    public Task<bool> TryDeleteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backlog);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(
                backlog.ETag is not null && Find(backlog.Stream, BacklogId)?.ETag == backlog.ETag && entries.Remove((backlog.Stream, BacklogId)));
        }
    }

    private Entry? Find(StreamName stream, string id) =>
        entries.TryGetValue((stream, id), out Entry? entry) && entry.ExpiresAt > time.GetUtcNow() ? entry : null;

    private void Put(StreamName stream, string id, InboxCommand? command, InboxBacklog? backlog, DateTimeOffset expiresAt) =>
        entries[(stream, id)] = new Entry(++changes, command, backlog, time.GetUtcNow(), expiresAt);

    private InboxPage Page(Func<StreamName, bool> isWanted, string position, int maxChanges)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxChanges, 1);
        long after = long.Parse(position, NumberStyles.None, CultureInfo.InvariantCulture);
        lock (gate)
        {
            InboxChange[] page =
            [
                .. from entry in entries
                   where isWanted(entry.Key.Stream) && entry.Value.Number > after && entry.Value.ExpiresAt > time.GetUtcNow()
                   orderby entry.Value.Number
                   select ChangeOf(entry.Key.Stream, entry.Key.Id, entry.Value),
            ];
            page = page[..Math.Min(page.Length, maxChanges)];
            string next = page.Length == 0 ? position : Text(after: long.Parse(page[^1].Position, CultureInfo.InvariantCulture) + 1);
            return new InboxPage(page, next, IsEnd: page.Length == 0);
        }
    }

    private static InboxChange ChangeOf(StreamName stream, string id, Entry entry)
    {
        InboxChangeKind kind = entry switch
        {
            { Command: null } => InboxChangeKind.Backlog,
            { Command.Outcome: null } => InboxChangeKind.Pending,
            _ => InboxChangeKind.Settled,
        };
        return new InboxChange(stream, id, kind, Text(after: entry.Number - 1), entry.ChangedAt);
    }

    private static string Text(long after) => after.ToString(CultureInfo.InvariantCulture);

    private sealed record Entry(
        long Number, InboxCommand? Command, InboxBacklog? Backlog, DateTimeOffset ChangedAt, DateTimeOffset ExpiresAt)
    {
        public string ETag => Number.ToString(CultureInfo.InvariantCulture);
    }
}
