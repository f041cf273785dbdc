using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Tests;

public sealed record Note(string Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record SameNoteOfAnotherClass(string Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record NoteRenamed(string Body, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record NoteWithout(int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record NoteWithOptional(string Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null, int? At = null);

public sealed record NoteWithRequired(string Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, int At, string? By = null);

public sealed record NoteWider(string Text, long Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record NoteOfMoreMoods(string Text, int Count, MoreMoods Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record NoteOfFewerMoods(string Text, int Count, FewerMoods Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record NoteWithOtherInner(string Text, int Count, Mood Mood, OtherInner Inner, IReadOnlyList<string> Tags, string? By = null);

public sealed record NoteThatNeedsBy(string Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string By);

public sealed record NoteWithoutNull(string? Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string By = "");

public sealed record NoteByConverter(Loud Text, int Count, Mood Mood, Inner Inner, IReadOnlyList<int> Tags, string? By = null);

public sealed record Inner(int Depth, Inner? Next = null);

public sealed record OtherInner(string Depth, OtherInner? Next = null);

[JsonConverter(typeof(MoodConverter<Mood>))]
public enum Mood
{
    Glad,
    Calm,
}

[JsonConverter(typeof(MoodConverter<MoreMoods>))]
public enum MoreMoods
{
    Glad,
    Calm,
    VerySad,
}

[JsonConverter(typeof(MoodConverter<FewerMoods>))]
public enum FewerMoods
{
    Glad,
}

internal sealed class MoodConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

[JsonConverter(typeof(LoudConverter))]
public sealed record Loud(string Text);

internal sealed class LoudConverter : JsonConverter<Loud>
{
    public override Loud Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Loud value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}

/// <summary>A bounded context whose event, command, snapshot and view are each of a shape that the test says.</summary>
internal sealed record NoteContext
{
    public JsonTypeInfo Event { get; init; } = NoteJson.Default.Note;

    public int EventVersion { get; init; } = 1;

    public JsonTypeInfo Command { get; init; } = NoteJson.Default.Note;

    public JsonTypeInfo State { get; init; } = NoteJson.Default.Note;

    public int StateVersion { get; init; } = 1;

    public JsonTypeInfo View { get; init; } = NoteJson.Default.Note;

    public int ViewVersion { get; init; } = 1;

    public string ViewName { get; init; } = "notes";

    public BoundedContext Create()
    {
        BoundedContext context = new();
        // The one generic call that is needed for each class; the classes differ from test to test.
        ((dynamic)this).AddAggregate(context, (dynamic)Event, (dynamic)Command, (dynamic)State);
        ((dynamic)this).AddView(context, (dynamic)View);
        return context;
    }

    public void AddAggregate<TEvent, TCommand, TState>(
        BoundedContext context, JsonTypeInfo<TEvent> @event, JsonTypeInfo<TCommand> command, JsonTypeInfo<TState> state)
        where TEvent : class
        where TCommand : class
        where TState : class
    {
        EventCodecBuilder<TEvent> codec = new EventCodecBuilder<TEvent>().Add("note.taken", EventVersion, @event);
        for (int version = 1; version < EventVersion; version++)
        {
            codec.Upcast("note.taken", version, data => data);
        }
        context.Add(new Aggregate<TCommand, TState, TEvent, PurseRejection>
        {
            Category = "note",
            Initial = () => null!,
            Decide = (_, _) => Decision<TEvent, PurseRejection>.Accept(),
            Evolve = (state, _) => state,
            Events = codec.Build(),
            Commands = new CommandCatalog<TCommand> { { "take", command } },
            Describe = _ => Purse.NotEnough,
            StateJson = state,
            Snapshots = new SnapshotSchema(StateVersion, EveryEvents: 10),
        });
    }

    public void AddView<TView>(BoundedContext context, JsonTypeInfo<TView> view)
        where TView : class =>
        context.Add(new DocumentView<TView, PurseEvent>
        {
            Name = ViewName,
            Version = ViewVersion,
            Sources = [],
            Key = ViewKey<PurseEvent>.Stream,
            Initial = null!,
            Apply = (view, _) => view,
            Json = view,
        });
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(Note))]
[JsonSerializable(typeof(SameNoteOfAnotherClass))]
[JsonSerializable(typeof(NoteRenamed))]
[JsonSerializable(typeof(NoteWithout))]
[JsonSerializable(typeof(NoteWithOptional))]
[JsonSerializable(typeof(NoteWithRequired))]
[JsonSerializable(typeof(NoteWider))]
[JsonSerializable(typeof(NoteOfMoreMoods))]
[JsonSerializable(typeof(NoteOfFewerMoods))]
[JsonSerializable(typeof(NoteWithOtherInner))]
[JsonSerializable(typeof(NoteThatNeedsBy))]
[JsonSerializable(typeof(NoteWithoutNull))]
[JsonSerializable(typeof(NoteByConverter))]
internal sealed partial class NoteJson : JsonSerializerContext;
