using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// A header and a growing list of entries under each key, such as an account statement. Header (with the fence) and new entries are
/// written in one transactional batch, so an entry is never there twice and never missing.
/// </summary>
public sealed class EntriesView<THeader, TEntry, TEvent> : IProjection
    where THeader : class
    where TEntry : class
    where TEvent : class
{
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

    public required ViewKey<TEvent> Key { get; init; }

    /// <summary>Makes the header of a key that has seen nothing: a new one each time, so that no key gets what another one did to it.</summary>
    public required Func<THeader> Initial { get; init; }

    /// <summary>Pure. The next header, and the entry that this event adds, if any.</summary>
    public required Func<THeader, EventEnvelope<TEvent>, (THeader Header, TEntry? Entry)> Apply { get; init; }

    public required JsonTypeInfo<THeader> HeaderJson
    {
        get;
        init
        {
            StrictJson.Check(value);
            field = value;
        }
    }

    public required JsonTypeInfo<TEntry> EntryJson
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

    public bool HasEntries => true;

    public IReadOnlyList<ViewShape> Shapes => [new ViewShape(ViewKind.View, HeaderJson), new ViewShape(ViewKind.Entry, EntryJson)];

    public (string PartitionKey, string DocumentId) Locate(string key) => (key, ViewDocument.SingleId);

    public string FenceOf(StreamName stream) => ViewDocument.SingleId;

    public string? KeyOf(StreamName stream) => Key.Of(stream);

    public string? KeyOf(Commit commit) => Key.Of(commit, sources);

    public async Task<ProjectionStep> TryApplyAsync(
        ViewPartition partition, IReadOnlyList<StreamCommits> streams, IEventStore store, IViewStore views, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(views);
        ViewRead read = await views.ReadAsync(partition, [ViewDocument.SingleId], cancellationToken);
        Batch batch = new(this, read.Documents.Count == 0 ? null : read.Documents[0]);
        try
        {
            foreach (StreamCommits stream in streams)
            {
                await foreach (Commit commit in NewCommits.AfterAsync(batch.Fence[stream.Stream], stream, store, cancellationToken))
                {
                    if (!batch.TryAdd(commit, stream))
                    {
                        return await WriteAsync(ProjectionStepResult.Partial);
                    }
                }
            }
        }
        catch (PoisonException) when (batch.Fence.HasMoved)
        {
            // What came before it is good; the next attempt meets it first and reports it.
            return await WriteAsync(ProjectionStepResult.Partial);
        }
        return batch.Fence.HasMoved
            ? await WriteAsync(ProjectionStepResult.Done)
            : new ProjectionStep(ProjectionStepResult.Done, 0, read.RequestCharge);

        async Task<ProjectionStep> WriteAsync(ProjectionStepResult result)
        {
            IReadOnlyList<ViewDocument> documents = batch.Documents();
            ViewWrite write = await views.TryWriteAsync(partition, documents, cancellationToken);
            if (!write.IsWritten && documents is [{ ETag: null }, { } entry, ..])
            {
                await ThrowIfHeaderIsGoneAsync(partition, entry.Id, views, cancellationToken);
            }
            return new ProjectionStep(
                write.IsWritten ? result : ProjectionStepResult.LostRace, write.IsWritten ? batch.Events : 0, read.RequestCharge + write.RequestCharge);
        }
    }

    /// <summary>Entries without a header would be refused as a lost race every time. Both are written together, so no read shows one alone.</summary>
    private static async Task ThrowIfHeaderIsGoneAsync(ViewPartition partition, string entryId, IViewStore views, CancellationToken cancellationToken)
    {
        ViewRead read = await views.ReadAsync(partition, [ViewDocument.SingleId, entryId], cancellationToken);
        if (read.Documents is [{ Kind: ViewKind.Entry }])
        {
            throw new InvalidOperationException($"The list {partition.Value} has entries but no header. Rebuild it for one of its streams.");
        }
    }

    /// <summary>The stored form of the header: the user's own, and how many entries there are.</summary>
    private static (long Count, THeader Header) ReadHeader(ViewDocument document, JsonTypeInfo<THeader> json)
    {
        using JsonDocument stored = JsonDocument.Parse(document.Data);
        return (stored.RootElement.GetProperty("entries"u8).GetInt64(), stored.RootElement.GetProperty("header"u8).Deserialize(json)!);
    }

    private sealed class Batch
    {
        private readonly EntriesView<THeader, TEntry, TEvent> view;
        private readonly ViewDocument? document;
        private readonly List<ViewDocument> added = [];
        private THeader header;
        private long count;

        public Batch(EntriesView<THeader, TEntry, TEvent> view, ViewDocument? document)
        {
            this.view = view;
            this.document = document;
            (count, header) = document is null ? (0, view.Initial()) : ReadHeader(document, view.HeaderJson);
            Fence = new Fence(document?.Seen, document?.AsOf ?? default);
        }

        public Fence Fence { get; }

        public int Events { get; private set; }

        /// <summary>False when the batch is full before the end of this commit; the fence then stands at the last event taken.</summary>
        public bool TryAdd(Commit commit, StreamCommits given)
        {
            foreach (IGrouping<long, EventEnvelope<TEvent>> group in view.sources.Envelopes(commit, given).GroupBy(e => e.Version))
            {
                if (group.Key <= Fence[commit.Stream])
                {
                    continue; // A partial write took it.
                }
                // The parts of one stored event share its version and therefore one write.
                if (added.Count > 0 && added.Count + group.Count() > ViewLimits.MaxDocumentsPerWrite - 1)
                {
                    return false;
                }
                Add([.. group]);
                Fence.Advance(commit, group.Key);
            }
            Fence.Advance(commit);
            return true;
        }

        public IReadOnlyList<ViewDocument> Documents() =>
        [
            new ViewDocument
            {
                Id = ViewDocument.SingleId,
                Kind = ViewKind.View,
                Seen = Fence.Seen,
                AsOf = Fence.AsOf,
                Data = HeaderData(),
                ETag = document?.ETag,
            },
            .. added,
        ];

        private void Add(IReadOnlyList<EventEnvelope<TEvent>> parts)
        {
            THeader next = header;
            List<(TEntry Entry, DateTimeOffset AsOf)> entries = [];
            foreach (EventEnvelope<TEvent> part in parts)
            {
                (next, TEntry? entry) = UserCode.Run(next, part, view.Apply);
                if (entry is not null)
                {
                    entries.Add((entry, part.Timestamp));
                }
            }
            if (entries.Count > ViewLimits.MaxDocumentsPerWrite - 1)
            {
                throw PoisonException.At(parts[0], new InvalidOperationException(
                    $"One stored event makes {entries.Count} entries; with the header {ViewLimits.MaxDocumentsPerWrite} documents fit into one write."));
            }
            // Nothing above may be kept when the user's function throws on a later part.
            header = next;
            Events += parts.Count;
            added.AddRange(entries.Select(e => new ViewDocument
            {
                Id = (++count).ToString("D10", CultureInfo.InvariantCulture),
                Kind = ViewKind.Entry,
                AsOf = e.AsOf,
                Data = StorableJson.Serialize(e.Entry, view.EntryJson),
            }));
        }

        private byte[] HeaderData()
        {
            using MemoryStream stream = new();
            using (Utf8JsonWriter writer = new(stream))
            {
                writer.WriteStartObject();
                writer.WriteNumber("entries"u8, count);
                writer.WritePropertyName("header"u8);
                writer.WriteRawValue(StorableJson.Serialize(header, view.HeaderJson), skipInputValidation: true);
                writer.WriteEndObject();
            }
            return stream.ToArray();
        }
    }
}
