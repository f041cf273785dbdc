using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Given-when-then for projections: <c>ViewSpec.For(projection).GivenNothing().When(history.Envelopes).ThenView(expected)</c>. Views
/// are compared in their stored form. It speaks of the pure step alone; the fence around it is the platform's.
/// </summary>
public static class ViewSpec
{
    public static DocumentViewSpec<TView, TEvent> For<TView, TEvent>(DocumentView<TView, TEvent> projection)
        where TView : class
        where TEvent : class => new(projection);

    public static EntriesViewSpec<THeader, TEntry, TEvent> For<THeader, TEntry, TEvent>(EntriesView<THeader, TEntry, TEvent> projection)
        where THeader : class
        where TEntry : class
        where TEvent : class => new(projection);

    public static TotalsViewSpec<TView, TEvent> For<TView, TEvent>(TotalsView<TView, TEvent> projection)
        where TView : class
        where TEvent : class => new(projection);

    internal static TView Stored<TView>(TView view, JsonTypeInfo<TView> json)
        where TView : class =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(view, json), json)
        ?? throw new SpecificationException($"A {typeof(TView).Name} is stored as null.");

    /// <summary>Applies to a view, and fails when that changed the view that was given instead of making a new one.</summary>
    internal static TResult Pure<TView, TResult>(TView view, JsonTypeInfo<TView> json, Func<TView, TResult> apply)
        where TView : class
    {
        string[] before = [.. Json.Lines(view, json)];
        TResult result = apply(view);
        string[] after = [.. Json.Lines(view, json)];
        return before.SequenceEqual(after, StringComparer.Ordinal)
            ? result
            : throw SpecificationException.Difference($"Apply changed the {typeof(TView).Name} that it was given; it has to return a new one", before, after);
    }
}

public sealed class DocumentViewSpec<TView, TEvent>
    where TView : class
    where TEvent : class
{
    private readonly DocumentView<TView, TEvent> projection;

    internal DocumentViewSpec(DocumentView<TView, TEvent> projection) => this.projection = projection;

    public Given GivenNothing() => new(projection, projection.Initial());

    public Given GivenView(TView view) => new(projection, ViewSpec.Stored(view, projection.Json));

    public sealed class Given
    {
        private readonly DocumentView<TView, TEvent> projection;
        private readonly TView view;

        internal Given(DocumentView<TView, TEvent> projection, TView view)
        {
            this.projection = projection;
            this.view = view;
        }

        /// <summary>Stores and reads the view after each event, as a feed that delivers one at a time would.</summary>
        public Given When(params IEnumerable<EventEnvelope<TEvent>> envelopes) =>
            new(projection, envelopes.Aggregate(view, (v, e) => ViewSpec.Stored(ViewSpec.Pure(v, projection.Json, input => projection.Apply(input, e)), projection.Json)));

        public void ThenView(TView expected) => Json.Compare("The view is another one", expected, view, projection.Json);
    }
}

public sealed class EntriesViewSpec<THeader, TEntry, TEvent>
    where THeader : class
    where TEntry : class
    where TEvent : class
{
    private readonly EntriesView<THeader, TEntry, TEvent> projection;

    internal EntriesViewSpec(EntriesView<THeader, TEntry, TEvent> projection) => this.projection = projection;

    public Given GivenNothing() => new(projection, projection.Initial(), []);

    public Given GivenHeader(THeader header) => new(projection, ViewSpec.Stored(header, projection.HeaderJson), []);

    public sealed class Given
    {
        private readonly EntriesView<THeader, TEntry, TEvent> projection;
        private readonly THeader header;
        private readonly IReadOnlyList<TEntry> entries;

        internal Given(EntriesView<THeader, TEntry, TEvent> projection, THeader header, IReadOnlyList<TEntry> entries)
        {
            this.projection = projection;
            this.header = header;
            this.entries = entries;
        }

        public Given When(params IEnumerable<EventEnvelope<TEvent>> envelopes)
        {
            ArgumentNullException.ThrowIfNull(envelopes);
            THeader next = header;
            List<TEntry> all = [.. entries];
            foreach (EventEnvelope<TEvent> envelope in envelopes)
            {
                (next, TEntry? entry) = ViewSpec.Pure(next, projection.HeaderJson, input => projection.Apply(input, envelope));
                next = ViewSpec.Stored(next, projection.HeaderJson);
                if (entry is not null)
                {
                    all.Add(ViewSpec.Stored(entry, projection.EntryJson));
                }
            }
            return new Given(projection, next, all);
        }

        public Given ThenHeader(THeader expected)
        {
            Json.Compare("The header is another one", expected, header, projection.HeaderJson);
            return this;
        }

        /// <summary>Exactly these entries were added, oldest first.</summary>
        public Given ThenEntries(params IReadOnlyList<TEntry> expected)
        {
            string[] expectedLines = [.. expected.SelectMany(e => Json.Lines(e, projection.EntryJson))];
            string[] actualLines = [.. entries.SelectMany(e => Json.Lines(e, projection.EntryJson))];
            return expectedLines.SequenceEqual(actualLines, StringComparer.Ordinal)
                ? this
                : throw SpecificationException.Difference("The entries are others", expectedLines, actualLines);
        }
    }
}

public sealed class TotalsViewSpec<TView, TEvent>
    where TView : class
    where TEvent : class
{
    private readonly TotalsView<TView, TEvent> projection;

    internal TotalsViewSpec(TotalsView<TView, TEvent> projection) => this.projection = projection;

    public Given GivenNothing() => new(projection, []);

    public Given GivenView(string document, TView view) => GivenNothing().And(document, view);

    public sealed class Given
    {
        private readonly TotalsView<TView, TEvent> projection;
        private readonly Dictionary<string, TView> documents;

        internal Given(TotalsView<TView, TEvent> projection, Dictionary<string, TView> documents)
        {
            this.projection = projection;
            this.documents = documents;
        }

        public Given And(string document, TView view) =>
            new(projection, new Dictionary<string, TView>(documents) { [document] = ViewSpec.Stored(view, projection.Json) });

        public Given When(params IEnumerable<EventEnvelope<TEvent>> envelopes)
        {
            ArgumentNullException.ThrowIfNull(envelopes);
            Dictionary<string, TView> next = new(documents);
            foreach (EventEnvelope<TEvent> envelope in envelopes)
            {
                if (projection.DocumentOf(envelope) is { } id)
                {
                    TView view = next.GetValueOrDefault(id) ?? projection.Initial();
                    next[id] = ViewSpec.Stored(ViewSpec.Pure(view, projection.Json, input => projection.Apply(input, envelope)), projection.Json);
                }
            }
            return new Given(projection, next);
        }

        public Given ThenView(string document, TView expected)
        {
            if (!documents.TryGetValue(document, out TView? actual))
            {
                throw SpecificationException.Difference($"There is no document '{document}'", [document], [.. documents.Keys]);
            }
            Json.Compare($"The document '{document}' is another one", expected, actual, projection.Json);
            return this;
        }

        /// <summary>These documents and no others.</summary>
        public Given ThenDocuments(params IReadOnlyList<string> expected)
        {
            string[] expectedIds = [.. expected.Order(StringComparer.Ordinal)];
            string[] actualIds = [.. documents.Keys.Order(StringComparer.Ordinal)];
            return expectedIds.SequenceEqual(actualIds, StringComparer.Ordinal)
                ? this
                : throw SpecificationException.Difference("The documents are others", expectedIds, actualIds);
        }
    }
}
