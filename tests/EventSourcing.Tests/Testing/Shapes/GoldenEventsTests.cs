using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class GoldenEventsTests : IDisposable
{
    private const string Taken = """{"text":"a","count":1,"mood":"calm","inner":{"depth":1,"next":null},"tags":[1,2],"by":null}""";

    private static readonly NoteContext Second = new() { Event = NoteJson.Default.NoteWithOptional, EventVersion = 2 };

    private readonly string root = Directory.CreateTempSubdirectory("golden-events-").FullName;

    private string Shapes => Directory.CreateDirectory(Path.Combine(root, "shapes")).FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void An_event_that_is_read_and_written_as_it_was_passes()
    {
        Golden("event.note.taken.v1.json", Taken);
        Golden("event.note.taken.v1.by-somebody.json", Taken.Replace("\"by\":null", "\"by\":\"me\"", StringComparison.Ordinal));
        Golden("command.note.take.json", "not looked at");
        KeepShapes(new NoteContext());

        Check(new NoteContext());
    }

    [Fact]
    public void Every_version_that_can_be_read_needs_an_event()
    {
        Golden("event.note.taken.v2.json", Taken.Replace("}", ",\"at\":null}", StringComparison.Ordinal));

        Assert.Contains("event.note.taken.v1.json is missing", Refusal(Second), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_is_written_otherwise_now_is_shown()
    {
        Golden("event.note.taken.v1.json", Taken.Replace(",\"by\":null", "", StringComparison.Ordinal));

        Assert.Contains($"event.note.taken.v1.json: it is written as {Taken} now.", Refusal(new NoteContext()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_can_not_be_read_is_named()
    {
        Golden("event.note.taken.v1.json", """{"body":"a"}""");

        string message = Refusal(new NoteContext());
        Assert.Contains("event.note.taken.v1.json: note-golden version 1: event 'note.taken' version 1 can't be read", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_of_a_version_that_nothing_reads_is_named()
    {
        Golden("event.note.taken.v1.json", Taken);
        Golden("event.note.taken.v3.json", Taken);
        Golden("event.note.lost.v1.json", "{}");

        string message = Refusal(new NoteContext());

        Assert.Contains("event.note.taken.v3.json: nothing reads this version of 'note.taken' any more", message, StringComparison.Ordinal);
        Assert.Contains("event.note.lost.v1.json: nothing reads this version of 'note.lost' any more", message, StringComparison.Ordinal);
    }

    /// <summary>So that the file of an old shape can't be changed on the quiet: no class holds it any more, but the stored event does.</summary>
    [Theory]
    [InlineData("\"text\"", "\"body\"", "$.body is missing.")]
    [InlineData("\"calm\"", "\"sad\"", "$.mood is \"calm\" and not required, one of \"glad\", \"sad\".")]
    [InlineData("\"32-bit integer\"", "\"text\"", "$.count is 1 and not required, text.")]
    [InlineData("\"nullable\"", "\"other\"", "$.inner.next is null.")]
    [InlineData("\"list\"", "\"true or false\"", "$.tags is [1,2] and not required, true or false.")]
    [InlineData("\"depth\"", "\"width\"", "$.inner.depth is not a member.")]
    public void An_event_must_be_of_the_kept_shape_of_its_version(string kept, string changed, string misfit)
    {
        Golden("event.note.taken.v1.json", Taken);
        Golden("event.note.taken.v2.json", Taken[..^1] + ",\"at\":null}");
        KeepShapes(new NoteContext());
        Check(Second);

        string file = Path.Combine(Shapes, "event.note.taken.v1.json");
        string changedShape = File.ReadAllText(file).Replace(kept, changed, StringComparison.Ordinal);
        // A required member that nobody knows would be found first.
        File.WriteAllText(file, kept == "\"depth\"" ? changedShape.Replace("\"required\": true", "\"was\": 1", StringComparison.Ordinal) : changedShape);

        Assert.Contains($"event.note.taken.v1.json: it is not of the shape of its version. {misfit}", Refusal(Second), StringComparison.Ordinal);
    }

    private void Check(NoteContext context) => GoldenEvents.Of(context.Create()).Check(root, Shapes);

    private string Refusal(NoteContext context) => Assert.Throws<SpecificationException>(() => Check(context)).Message;

    private void Golden(string file, string json) => File.WriteAllText(Path.Combine(root, file), json + "\n");

    private void KeepShapes(NoteContext context) =>
        Assert.Throws<SpecificationException>(() => StoredShapes.Of(context.Create(), proposalsFolder: Shapes).Check(Path.Combine(root, "none")));
}
