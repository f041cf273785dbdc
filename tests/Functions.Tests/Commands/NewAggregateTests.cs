using System.Text.Json.Serialization;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

/// <summary>What somebody writes who adds an aggregate: this file's second half, and the one line that adds it to a context.</summary>
public sealed class NewAggregateTests : IAsyncLifetime
{
    private readonly TestSystem system = new([]) { Context = new BoundedContext().Add(Notebook.Definition) };

    public ValueTask InitializeAsync() => system.InitializeAsync();

    public ValueTask DisposeAsync() => system.DisposeAsync();

    [Fact]
    public async Task An_aggregate_is_served_as_soon_as_the_context_has_it()
    {
        (await system.PostAsync("notebook/1/write", """{"times":2}""")).MustBe(201, """
            {"stream":"notebook-1","version":2,"token":"notebook-1:2","commandId":"*","correlationId":"*","repeated":false,
             "events":[{"version":1,"type":"notebook.written","schemaVersion":1,"data":{}},{"version":2,"type":"notebook.written","schemaVersion":1,"data":{}}],
             "requestCharge":2.83}
            """);
        (await system.PostAsync("notebook/1/write", """{"times":0}""")).MustBeProblem(422, "nothing-to-write");
        (await system.PostAsync("notebook/1/write", """{"times":-1}""")).MustBeProblem(400, "invalid-command").WithError("$.times", "Not less than 0.");
        (await system.GetAsync("notebook/1")).MustBe(200, """{"stream":"notebook-1","version":2,"state":{"notes":2}}""");
        Assert.Equal(2, (await system.GetAsync("notebook/1/events")).Json["events"]!.AsArray().Count);
        (await system.GetAsync("account/1")).MustBeProblem(404, "unknown-category");
    }

    [Fact]
    public async Task A_command_that_makes_too_many_events_answers_413_and_writes_nothing()
    {
        Assert.Equal(201, (await system.PostAsync("notebook/2/write", """{"times":1000}""")).Status);
        (await system.PostAsync("notebook/2/write", """{"times":1001}""")).MustBeProblem(413, "commit-too-large");
        Assert.Equal(1000, (int)(await system.GetAsync("notebook/2")).Json["version"]!);
    }
}

internal static class Notebook
{
    public static Aggregate<WriteNotes, NotebookState, NoteWritten, NotebookRejection> Definition { get; } = With("1", command => command.Times == 0);

    /// <summary>Other rules for the same notebooks, or another name for them.</summary>
    public static Aggregate<WriteNotes, NotebookState, NoteWritten, NotebookRejection> With(string policy, Func<WriteNotes, bool> isRefused, string category = "notebook") => new()
    {
        PolicyVersion = policy,
        Category = category,
        Initial = () => new NotebookState(0),
        Decide = (command, _) => isRefused(command)
            ? Decision<NoteWritten, NotebookRejection>.Reject(NotebookRejection.NothingToWrite)
            : Decision<NoteWritten, NotebookRejection>.Accept([.. Enumerable.Repeat(new NoteWritten(), command.Times)]),
        Evolve = (state, _) => new NotebookState(state.Notes + 1),
        Events = new EventCodecBuilder<NoteWritten>().Add("notebook.written", 1, NotebookJson.Default.NoteWritten).Build(),
        Commands = new()
        {
            { "write", NotebookJson.Default.WriteNotes, c => c.Times < 0 ? [new ValidationError("$.times", "Not less than 0.")] : [], "Writes notes." },
        },
        Describe = _ => new Rejection("nothing-to-write", "There is nothing to write."),
        StateJson = NotebookJson.Default.NotebookState,
    };
}

internal sealed record WriteNotes(int Times);

internal sealed record NoteWritten;

internal sealed record NotebookState(int Notes);

internal enum NotebookRejection
{
    NothingToWrite,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(WriteNotes))]
[JsonSerializable(typeof(NoteWritten))]
[JsonSerializable(typeof(NotebookState))]
internal sealed partial class NotebookJson : JsonSerializerContext;
