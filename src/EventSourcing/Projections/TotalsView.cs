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

    /// <summary>Makes the view of a document that has seen nothing: a new one each time, so that no document gets what was done to another.</summary>
    public required Func<TView> Initial { get; init; }

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

    public VersionCheck Check { get; init; } = VersionCheck.SameKeys;

    public IReadOnlySet<string> Categories => sources.Categories;

    public bool HasEntries => false;

    public IReadOnlyList<ViewShape> Shapes => [new ViewShape(ViewKind.View, Json)];

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
        if (work.Fences.Count == 0)
        {
            // Nothing new in these streams; the caller would ask again with the same ones, so go on with the rest here.
            ProjectionStep rest = taken.Length < streams.Count
                ? await TryApplyAsync(partition, [.. streams.Skip(taken.Length)], store, views, cancellationToken)
                : new ProjectionStep(ProjectionStepResult.Done, 0, RequestCharge: 0);
            return rest with { RequestCharge = rest.RequestCharge + markers.RequestCharge };
        }
        ViewRead totals = await views.ReadAsync(partition, [.. work.DocumentIds], cancellationToken);
        List<ViewDocument> changed = Totals(work, totals.Documents);
        bool isPartial = work.IsCut || taken.Length < streams.Count;
        ViewWrite write = await views.TryWriteAsync(partition, [.. changed, .. Markers(work, markers.Documents)], cancellationToken);
        return new ProjectionStep(
            !write.IsWritten ? ProjectionStepResult.LostRace : isPartial ? ProjectionStepResult.Partial : ProjectionStepResult.Done,
            write.IsWritten ? work.Envelopes.Count : 0,
            markers.RequestCharge + totals.RequestCharge + write.RequestCharge);
    }

    /// <summary>Collects new events until one write would hold no more documents, or one of them can't be processed.</summary>
    private async Task<Work> GatherAsync(
        StreamCommits[] streams, IReadOnlyList<ViewDocument> markers, IEventStore store, CancellationToken cancellationToken)
    {
        Work work = new(CheckedDocumentOf);
        try
        {
            foreach (StreamCommits stream in streams)
            {
                ViewDocument? marker = markers.FirstOrDefault(m => m.Id == MarkerPrefix + stream.Stream);
                Fence fence = new(marker?.Seen, marker?.AsOf ?? default);
                await foreach (Commit commit in NewCommits.AfterAsync(fence[stream.Stream], stream, store, cancellationToken))
                {
                    if (!work.TryAdd(commit, fence, sources.Envelopes(commit, stream)))
                    {
                        return work;
                    }
                }
            }
        }
        catch (PoisonException) when (work.Fences.Count > 0)
        {
            work.IsCut = true; // What came before it is good; the next attempt meets it first and reports it.
        }
        return work;
    }

    /// <summary>The documents that the events change. Events that can't be applied are taken out of <paramref name="work"/>.</summary>
    /// <exception cref="PoisonException">Nothing can be applied before it.</exception>
    private List<ViewDocument> Totals(Work work, IReadOnlyList<ViewDocument> stored)
    {
        Dictionary<string, ViewDocument> byId = stored.ToDictionary(d => d.Id, StringComparer.Ordinal);
        while (true)
        {
            try
            {
                return [.. work.Envelopes.GroupBy(e => e.Id).Select(group => Total(group, byId.GetValueOrDefault(group.Key)))];
            }
            catch (PoisonException e) when (work.TryCutBefore(e))
            {
                // A document may have been fed by what was just taken out, so all of them are made anew.
            }
        }
    }

    private ViewDocument Total(IGrouping<string, (string Id, EventEnvelope<TEvent> Envelope)> events, ViewDocument? document)
    {
        TView view = document is null ? Initial() : JsonSerializer.Deserialize(document.Data.Span, Json)!;
        DateTimeOffset asOf = document?.AsOf ?? default;
        foreach ((_, EventEnvelope<TEvent> envelope) in events)
        {
            view = UserCode.Run(view, envelope, Apply);
            asOf = envelope.Timestamp > asOf ? envelope.Timestamp : asOf;
        }
        return new ViewDocument
        {
            Id = events.Key,
            Kind = ViewKind.View,
            AsOf = asOf,
            Data = StorableJson.Serialize(view, Json),
            ETag = document?.ETag,
        };
    }

    private string? CheckedDocumentOf(EventEnvelope<TEvent> envelope) =>
        DocumentOf(envelope) is not { } id ? null
        : ViewRules.IsDocumentId(id) && !id.StartsWith(MarkerPrefix, StringComparison.Ordinal) ? id
        : throw new InvalidOperationException($"'{id}' is not the id of a document: letters, digits and '.', '_', '~', '-', and not '{MarkerPrefix}…'.");

    private static IEnumerable<ViewDocument> Markers(Work work, IReadOnlyList<ViewDocument> stored) =>
        work.Fences.Select(f => new ViewDocument
        {
            Id = MarkerPrefix + f.Key,
            Kind = ViewKind.Marker,
            Seen = f.Value.Seen,
            AsOf = f.Value.AsOf,
            ETag = stored.FirstOrDefault(m => m.Id == MarkerPrefix + f.Key)?.ETag,
        });

    /// <summary>What one write will change, and how far each stream has come with it.</summary>
    private sealed class Work(Func<EventEnvelope<TEvent>, string?> documentOf)
    {
        private readonly Dictionary<StreamName, long> seenBefore = [];

        public Dictionary<StreamName, Fence> Fences { get; } = [];

        public List<(string Id, EventEnvelope<TEvent> Envelope)> Envelopes { get; } = [];

        public HashSet<string> DocumentIds { get; } = new(StringComparer.Ordinal);

        /// <summary>Something was left out that the next attempt takes.</summary>
        public bool IsCut { get; set; }

        public bool TryAdd(Commit commit, Fence fence, IEnumerable<EventEnvelope<TEvent>> envelopes)
        {
            if (!Fences.ContainsKey(commit.Stream) && DocumentIds.Count + Fences.Count == ViewLimits.MaxDocumentsPerWrite)
            {
                IsCut = true; // Even a commit that counts nowhere needs room for its stream's marker.
                return false;
            }
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
                if (documents + markers > ViewLimits.MaxDocumentsPerWrite)
                {
                    IsCut = Fences.Count > 0;
                    return IsCut ? false : throw PoisonException.At(counted[0].Envelope, new InvalidOperationException(
                        $"One stored event counts in {documents} documents; with its marker {ViewLimits.MaxDocumentsPerWrite} fit into one write."));
                }
                DocumentIds.UnionWith(counted.Select(e => e.Id));
                Envelopes.AddRange(counted);
                Advance(commit, fence, group.Key);
            }
            Advance(commit, fence, commit.LastVersion);
            return true;
        }

        /// <summary>Takes out an event that can't be applied, and what follows it in its stream. False when nothing is left.</summary>
        public bool TryCutBefore(PoisonException poison)
        {
            IsCut = true;
            Envelopes.RemoveAll(e => e.Envelope.Stream == poison.Stream && e.Envelope.Version >= poison.Version);
            if (seenBefore[poison.Stream] >= poison.Version - 1)
            {
                Fences.Remove(poison.Stream);
            }
            else
            {
                Fences[poison.Stream].SetBack(poison.Stream, poison.Version - 1);
            }
            return Fences.Count > 0;
        }

        private void Advance(Commit commit, Fence fence, long version)
        {
            seenBefore.TryAdd(commit.Stream, fence[commit.Stream]);
            fence.Advance(commit, version);
            Fences[commit.Stream] = fence;
        }
    }
}
