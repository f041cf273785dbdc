using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// One document per key, fed by one stream or by several. The document carries its own fence, so it is read once and written once
/// per batch. All streams of a key are listed in it: for keys fed by thousands of streams use <see cref="TotalsView{TView, TEvent}"/>.
/// </summary>
public sealed class DocumentView<TView, TEvent> : IProjection
    where TView : class
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

    /// <summary>Makes the view of a key that has seen nothing: a new one each time, so that no key gets what another one did to it.</summary>
    public required Func<TView> Initial { get; init; }

    /// <summary>Pure. Sees every event of its streams once, each stream in order; between streams there is no order.</summary>
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

    public (string PartitionKey, string DocumentId) Locate(string key) => (key, ViewDocument.SingleId);

    public string FenceOf(StreamName stream) => ViewDocument.SingleId;

    public string? KeyOf(StreamName stream) => Key.Of(stream);

    public string? KeyOf(Commit commit) => Key.Of(commit, sources);

    public async Task<ProjectionStep> TryApplyAsync(
        ViewPartition partition, IReadOnlyList<StreamCommits> streams, IEventStore store, IViewStore views, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(views);
        ViewRead read = await views.ReadAsync(partition, [ViewDocument.SingleId], cancellationToken);
        ViewDocument? document = read.Documents.Count == 0 ? null : read.Documents[0];
        TView view = document is null ? Initial() : JsonSerializer.Deserialize(document.Data.Span, Json)!;
        Fence fence = new(document?.Seen, document?.AsOf ?? default);
        ProjectionStepResult result = ProjectionStepResult.Done;
        int events = 0;
        try
        {
            foreach (StreamCommits stream in streams)
            {
                await foreach (Commit commit in NewCommits.AfterAsync(fence[stream.Stream], stream, store, cancellationToken))
                {
                    IReadOnlyList<EventEnvelope<TEvent>> envelopes = sources.Envelopes(commit, stream);
                    // A commit goes in whole or not at all, so the view changes only when all of it was applied.
                    TView next = view;
                    for (int i = 0; i < envelopes.Count; i++)
                    {
                        next = UserCode.Run(next, envelopes[i], Apply);
                    }
                    view = next;
                    events += envelopes.Count;
                    fence.Advance(commit);
                }
            }
        }
        catch (PoisonException) when (fence.HasMoved)
        {
            result = ProjectionStepResult.Partial; // What came before it is good; the next attempt meets it first and reports it.
        }
        if (!fence.HasMoved)
        {
            return new ProjectionStep(ProjectionStepResult.Done, 0, read.RequestCharge);
        }
        ViewDocument changed = new()
        {
            Id = ViewDocument.SingleId,
            Kind = ViewKind.View,
            Seen = fence.Seen,
            AsOf = fence.AsOf,
            Data = StorableJson.Serialize(view, Json),
            ETag = document?.ETag,
        };
        ViewWrite write = await views.TryWriteAsync(partition, [changed], cancellationToken);
        return new ProjectionStep(
            write.IsWritten ? result : ProjectionStepResult.LostRace,
            write.IsWritten ? events : 0,
            read.RequestCharge + write.RequestCharge);
    }
}
