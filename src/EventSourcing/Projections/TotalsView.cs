using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// Documents that all streams feed, such as totals per day. How far each stream was counted stands in a marker of its own beside
/// them, and marker and totals change in one transactional batch. All of it is one logical partition: its throughput is the limit.
/// </summary>
public sealed class TotalsView<TView, TEvent> : IProjection
    where TView : class
    where TEvent : class
{
    /// <summary>The key of the one partition.</summary>
    public const string PartitionKey = "all";

    private const string MarkerPrefix = "seen~";

    private readonly EventSources<TEvent> sources = new([]);

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required IReadOnlyList<EventSource<TEvent>> Sources
    {
        get;
        init
        {
            field = value;
            sources = new EventSources<TEvent>(value);
        }
    }

    /// <summary>Which document an event counts in; null for none. A stream id's characters only: letters, digits and <c>. _ ~ -</c>.</summary>
    public required Func<EventEnvelope<TEvent>, string?> DocumentOf { get; init; }

    public required TView Initial { get; init; }

    /// <summary>Pure, and commutative over streams, between which there is no order.</summary>
    public required Func<TView, EventEnvelope<TEvent>, TView> Apply { get; init; }

    public required JsonTypeInfo<TView> Json
    {
        get;
        init
        {
            StrictJson.Check(value);
            field = value;
        }
    }

    public IReadOnlySet<string> Categories => sources.Categories;

    public bool HasEntries => false;

    public (string PartitionKey, string DocumentId) Locate(string key) => (PartitionKey, key);

    public string FenceOf(StreamName stream) => MarkerPrefix + stream;

    public string? KeyOf(StreamName stream) => PartitionKey;

    public string? KeyOf(Commit commit) => PartitionKey;

    public async Task<ProjectionStep> TryApplyAsync(
        ViewPartition partition, IReadOnlyList<StreamCommits> streams, IEventStore store, IViewStore views, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(views);
        ArgumentNullException.ThrowIfNull(streams);
        // Half of a write at most goes to markers, so that there is always room for totals.
        StreamCommits[] taken = [.. streams.Take(ViewLimits.MaxDocumentsPerWrite / 2)];
        ViewRead markers = await views.ReadAsync(partition, [.. taken.Select(s => MarkerPrefix + s.Stream)], cancellationToken);
        Work work = await GatherAsync(taken, markers.Documents, store, cancellationToken);
        bool isPartial = work.IsFull || taken.Length < streams.Count;
        if (work.Fences.Count == 0)
        {
            // Nothing new in these streams; the caller would ask again with the same ones, so go on with the rest here.
            return taken.Length < streams.Count
                ? await TryApplyAsync(partition, [.. streams.Skip(taken.Length)], store, views, cancellationToken)
                : new ProjectionStep(ProjectionStepResult.Done, 0, markers.RequestCharge);
        }
        ViewRead totals = await views.ReadAsync(partition, [.. work.DocumentIds], cancellationToken);
        ViewWrite write = await views.TryWriteAsync(
            partition, [.. Totals(work, totals.Documents), .. Markers(work, markers.Documents)], cancellationToken);
        return new ProjectionStep(
            !write.IsWritten ? ProjectionStepResult.LostRace : isPartial ? ProjectionStepResult.Partial : ProjectionStepResult.Done,
            write.IsWritten ? work.Envelopes.Count : 0,
            markers.RequestCharge + totals.RequestCharge + write.RequestCharge);
    }

    /// <summary>Collects new events until one write would hold no more documents.</summary>
    private async Task<Work> GatherAsync(
        StreamCommits[] streams, IReadOnlyList<ViewDocument> markers, IEventStore store, CancellationToken cancellationToken)
    {
        Work work = new();
        foreach (StreamCommits stream in streams)
        {
            ViewDocument? marker = markers.FirstOrDefault(m => m.Id == MarkerPrefix + stream.Stream);
            Fence fence = new(marker?.Seen, marker?.AsOf ?? default);
            await foreach (Commit commit in NewCommits.AfterAsync(fence[stream.Stream], stream, store, cancellationToken))
            {
                if (!work.TryAdd(commit, fence, sources.Envelopes(commit, stream), DocumentOf))
                {
                    return work;
                }
            }
        }
        return work;
    }

    private IEnumerable<ViewDocument> Totals(Work work, IReadOnlyList<ViewDocument> stored)
    {
        Dictionary<string, ViewDocument> byId = stored.ToDictionary(d => d.Id, StringComparer.Ordinal);
        foreach (IGrouping<string, (string Id, EventEnvelope<TEvent> Envelope)> group in work.Envelopes.GroupBy(e => e.Id))
        {
            byId.TryGetValue(group.Key, out ViewDocument? document);
            TView view = document is null ? Initial : JsonSerializer.Deserialize(document.Data.Span, Json)!;
            DateTimeOffset asOf = document?.AsOf ?? default;
            foreach ((_, EventEnvelope<TEvent> envelope) in group)
            {
                view = UserCode.Run(view, envelope, Apply);
                asOf = envelope.Timestamp > asOf ? envelope.Timestamp : asOf;
            }
            yield return new ViewDocument
            {
                Id = group.Key,
                Kind = ViewKind.View,
                AsOf = asOf,
                Data = JsonSerializer.SerializeToUtf8Bytes(view, Json),
                ETag = document?.ETag,
            };
        }
    }

    private static IEnumerable<ViewDocument> Markers(Work work, IReadOnlyList<ViewDocument> stored) =>
        work.Fences.Select(f => new ViewDocument
        {
            Id = MarkerPrefix + f.Key,
            Kind = ViewKind.Marker,
            Seen = f.Value.Seen,
            AsOf = f.Value.AsOf,
            ETag = stored.FirstOrDefault(m => m.Id == MarkerPrefix + f.Key)?.ETag,
        });

    private sealed class Work
    {
        public Dictionary<StreamName, Fence> Fences { get; } = [];

        public List<(string Id, EventEnvelope<TEvent> Envelope)> Envelopes { get; } = [];

        public HashSet<string> DocumentIds { get; } = new(StringComparer.Ordinal);

        public bool IsFull { get; private set; }

        public bool TryAdd(
            Commit commit, Fence fence, IEnumerable<EventEnvelope<TEvent>> envelopes, Func<EventEnvelope<TEvent>, string?> documentOf)
        {
            foreach (IGrouping<long, EventEnvelope<TEvent>> group in envelopes.GroupBy(e => e.Version))
            {
                if (group.Key <= fence[commit.Stream])
                {
                    continue; // A partial write took it.
                }
                (string Id, EventEnvelope<TEvent> Envelope)[] counted =
                    [.. group.Select(e => (Id: UserCode.Run(e, documentOf), Envelope: e)).Where(e => e.Id is not null).Select(e => (e.Id!, e.Envelope))];
                int documents = DocumentIds.Union(counted.Select(e => e.Id)).Count();
                int markers = Fences.ContainsKey(commit.Stream) ? Fences.Count : Fences.Count + 1;
                if (Envelopes.Count > 0 && documents + markers > ViewLimits.MaxDocumentsPerWrite)
                {
                    IsFull = true;
                    return false;
                }
                DocumentIds.UnionWith(counted.Select(e => e.Id));
                Envelopes.AddRange(counted);
                fence.Advance(commit, group.Key);
                Fences[commit.Stream] = fence;
            }
            fence.Advance(commit);
            Fences[commit.Stream] = fence;
            return true;
        }
    }
}
