using System.Globalization;
using System.Text.Json;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>Streams that are stored, views that are built from them, and what the views must be in the end.</summary>
internal sealed class ViewWorld
{
    private readonly InMemoryEventStore store = new();
    private readonly InMemoryViewStore views = new();

    /// <summary>Each stream as a list of commits, each a list of stored events.</summary>
    public ViewWorld(IReadOnlyList<IReadOnlyList<IReadOnlyList<StoredEvent>>> streams)
    {
        Streams = [.. streams.Select((commits, n) => Stored($"{n}", commits))];
        foreach (Commit[] commits in Streams)
        {
            StreamHead head = StreamHead.StartOf(commits[0].Stream);
            foreach (Commit commit in commits)
            {
                Task<AppendResult> append = store.AppendAsync(head, commit, CancellationToken.None);
                head = Assert.IsType<AppendResult.Appended>(append.GetAwaiter().GetResult()).Head; // It is in memory.
            }
        }
    }

    public IReadOnlyList<Commit[]> Streams { get; }

    public IReadOnlyList<Commit> Commits => [.. Streams.SelectMany(s => s)];

    public IEventStore Store => store;

    public IViewStore Views => views;

    public Projector Projector(IViewStore? over = null, TimeProvider? time = null, ProjectorOptions? options = null) =>
        new(store, over ?? views, new NetworkFaults(), time ?? TimeProvider.System, options ?? new ProjectorOptions());

    /// <summary>The newest commit of each stream is enough to bring any view up to date.</summary>
    public void Heal(IConsumer view)
    {
        Projector projector = Projector();
        foreach (Commit[] stream in Streams)
        {
            projector.ApplyAsync(view, [stream[^1]], CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    /// <summary>
    /// Every event of every stream once, each stream in order, under its key; or those of them that are in the part of a stream that the
    /// view can have seen.
    /// </summary>
    public void CheckDocuments(DocumentView<EventLog, PurseEvent> view, Func<Commit[], Commit[]>? visible = null)
    {
        Dictionary<string, Commit[][]> keys = ByKey(view)
            .Select(k => (k.Key, Streams: visible is null ? k.Value : [.. k.Value.Select(visible).Where(s => s.Length > 0)]))
            .Where(k => k.Streams.Length > 0)
            .ToDictionary(k => k.Key, k => k.Streams);
        ViewItem[] documents = List(view, ViewKind.View);

        Assert.Equal(keys.Keys.Order(StringComparer.Ordinal), documents.Select(d => d.Key).Order(StringComparer.Ordinal));
        foreach (ViewItem item in documents)
        {
            EventLog log = JsonSerializer.Deserialize(item.Document.Data.Span, view.Json)!;
            Commit[][] streams = keys[item.Key];
            foreach (Commit[] stream in streams)
            {
                Assert.Equal(Envelopes(stream).Select(e => e.EventId), log.Events.GetValueOrDefault(stream[0].Stream.Value) ?? []);
            }
            Assert.Subset(streams.Select(s => s[0].Stream.Value).ToHashSet(), log.Events.Keys.ToHashSet());
            CheckFence(item.Document, streams);
        }
    }

    /// <summary>Every line once and in the order of its stream; the numbers of the lines have no hole; the header counts them all.</summary>
    public void CheckEntries(EntriesView<EventCount, EventLine, PurseEvent> view)
    {
        Dictionary<string, Commit[][]> keys = ByKey(view);
        ViewItem[] headers = List(view, ViewKind.View);
        ILookup<string, ViewItem> entries = List(view, ViewKind.Entry).ToLookup(e => e.Key);

        Assert.Equal(keys.Keys.Order(StringComparer.Ordinal), headers.Select(d => d.Key).Order(StringComparer.Ordinal));
        foreach (ViewItem item in headers)
        {
            EventEnvelope<PurseEvent>[] all = [.. keys[item.Key].SelectMany(Envelopes)];
            ViewItem[] own = [.. entries[item.Key].OrderBy(e => e.Document.Id, StringComparer.Ordinal)];
            EventLine[] lines = [.. own.Select(e => JsonSerializer.Deserialize(e.Document.Data.Span, view.EntryJson)!)];

            Assert.Equal(Enumerable.Range(1, lines.Length).Select(n => n.ToString("D10", CultureInfo.InvariantCulture)), own.Select(e => e.Document.Id));
            foreach (Commit[] stream in keys[item.Key])
            {
                string[] ids = [.. Envelopes(stream).Where(e => e.Event is not Labelled).Select(e => e.EventId)];
                Assert.Equal(ids, lines.Select(l => l.EventId).Where(id => id.StartsWith($"{stream[0].Stream}/", StringComparison.Ordinal)));
            }
            Assert.Equal(all.Count(e => e.Event is not Labelled), lines.Length);
            using JsonDocument header = JsonDocument.Parse(item.Document.Data);
            Assert.Equal(lines.Length, header.RootElement.GetProperty("entries").GetInt32());
            Assert.Equal(
                all.Aggregate(new EventCount(0, 0), PurseViews.Next), header.RootElement.GetProperty("header").Deserialize(view.HeaderJson));
            CheckFence(item.Document, keys[item.Key]);
        }
    }

    /// <summary>Every document counts what it should, and every stream has its marker.</summary>
    public void CheckTotals(TotalsView<EventCount, PurseEvent> view)
    {
        Dictionary<string, EventCount> expected = Streams.SelectMany(Envelopes)
            .Where(e => PurseViews.DocumentOf(e) is not null)
            .GroupBy(e => PurseViews.DocumentOf(e)!)
            .ToDictionary(g => g.Key, g => g.Aggregate(new EventCount(0, 0), PurseViews.Next));

        Dictionary<string, EventCount> actual = List(view, ViewKind.View)
            .ToDictionary(d => d.Document.Id, d => JsonSerializer.Deserialize(d.Document.Data.Span, view.Json)!);
        Assert.Equal(expected.OrderBy(e => e.Key, StringComparer.Ordinal), actual.OrderBy(e => e.Key, StringComparer.Ordinal));

        Dictionary<string, ViewDocument> markers = List(view, ViewKind.Marker).ToDictionary(d => d.Document.Id, d => d.Document);
        Assert.Equal(Streams.Count, markers.Count);
        foreach (Commit[] stream in Streams)
        {
            CheckFence(markers[$"seen~{stream[0].Stream}"], [stream]);
        }
    }

    private static void CheckFence(ViewDocument document, Commit[][] streams)
    {
        Assert.Equal(
            streams.Select(s => KeyValuePair.Create(s[0].Stream.Value, s[^1].LastVersion)).OrderBy(s => s.Key, StringComparer.Ordinal),
            document.Seen.OrderBy(s => s.Key, StringComparer.Ordinal));
        Assert.Equal(streams.SelectMany(s => s).Max(c => c.Metadata.Timestamp), document.AsOf);
    }

    /// <summary>The streams of each key: that of the stream, or the first that its events name.</summary>
    private Dictionary<string, Commit[][]> ByKey(IProjection view) => Streams
        .Select(stream => (Key: view.KeyOf(stream[0].Stream) ?? stream.Select(view.KeyOf).FirstOrDefault(key => key is not null), Stream: stream))
        .Where(s => s.Key is not null)
        .GroupBy(s => s.Key!, s => s.Stream)
        .ToDictionary(g => g.Key, g => g.ToArray());

    private ViewItem[] List(IProjection view, ViewKind kind)
    {
        List<ViewItem> items = [];
        string? continuation = null;
        do
        {
            ViewQuery query = new(view.Name, view.Version, kind, Key: null, NewestFirst: false, ViewLimits.MaxPageSize, continuation);
            ViewPage page = views.ListAsync(query, CancellationToken.None).GetAwaiter().GetResult(); // It is in memory.
            items.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return [.. items];
    }

    private static IEnumerable<EventEnvelope<PurseEvent>> Envelopes(Commit[] stream) => stream.SelectMany(PurseViews.Codec.Envelopes);

    private static Commit[] Stored(string id, IReadOnlyList<IReadOnlyList<StoredEvent>> commits)
    {
        History<PurseEvent> history = History.Of(PurseViews.Aggregate, id);
        List<Commit> stored = [];
        foreach (IReadOnlyList<StoredEvent> events in commits)
        {
            // The history counts versions; what it would encode is replaced by what was stored in the past.
            history = history.At(ViewWorldTime.Noon.AddMinutes(history.Version / 2 * 2)) // Time may stand still.
                .Commit([.. events.Select(_ => new Added(0))]);
            stored.Add(history.Commits[^1] with { Events = events });
        }
        return [.. stored];
    }
}

internal static class ViewWorldTime
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
}
