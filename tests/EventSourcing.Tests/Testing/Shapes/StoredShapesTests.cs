using System.Text.Json.Serialization.Metadata;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class StoredShapesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("stored-shapes-").FullName;

    public StoredShapesTests() => Accept(new NoteContext());

    private string Folder => Path.Combine(root, "kept");

    private string Proposals => Path.Combine(root, "proposed");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Shapes_that_are_those_of_their_files_pass() => Check(new NoteContext());

    [Fact]
    public void There_is_a_file_for_every_kind_of_shape() => Assert.Equal(
        ["command.note.take.v1.json", "event.note.taken.v1.json", "names.json", "snapshot.note.v1.json", "view.notes.v1.json"],
        Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void Another_class_with_the_same_members_is_the_same_shape() =>
        Check(new NoteContext { Event = NoteJson.Default.SameNoteOfAnotherClass, View = NoteJson.Default.SameNoteOfAnotherClass });

    public static TheoryData<string, string[]> Changes => new()
    {
        { nameof(NoteRenamed), ["$.text is gone; it was required, text.", "$.body is new: required, text."] },
        { nameof(NoteWithout), ["$.text is gone; it was required, text."] },
        { nameof(NoteWithOptional), ["$.at is new: optional, 32-bit integer, or null."] },
        { nameof(NoteWithRequired), ["$.at is new: required, 32-bit integer."] },
        { nameof(NoteWider), ["$.count was 32-bit integer and is now 64-bit integer."] },
        { nameof(NoteOfMoreMoods), ["$.mood can be \"very-sad\" as well."] },
        { nameof(NoteOfFewerMoods), ["$.mood can't be \"calm\" any more."] },
        { nameof(NoteWithOtherInner), ["$.inner.depth was 32-bit integer and is now text.", "$.tags[] was 32-bit integer and is now text."] },
        { nameof(NoteThatNeedsBy), ["$.by could be left out and must be there now.", "$.by could be null and must not be now."] },
        { nameof(NoteWithoutNull), ["$.text was never null and can be now.", "$.by could be null and must not be now."] },
        { nameof(NoteByConverter), ["$.text was text and is now what LoudConverter writes."] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_event_needs_a_new_version_whatever_the_change(string changed, string[] sentences)
    {
        string message = Refusal(new NoteContext { Event = ShapeOf(changed) });

        Assert.Equal(sentences.Order(StringComparer.Ordinal), Sentences(message));
        Assert.Contains("event.note.taken.v1.json: the class is no longer what this version stored.", message, StringComparison.Ordinal);
        Assert.Contains("register the class as version 2 and add\n  .Upcast(\"note.taken\", 1, …)", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_view_is_built_anew_even_for_a_member_that_may_be_left_out(string changed, string[] sentences)
    {
        string message = Refusal(new NoteContext { View = ShapeOf(changed) });

        Assert.Equal(sentences.Order(StringComparer.Ordinal), Sentences(message));
        Assert.Contains("Raise the version of 'notes' to 2", message, StringComparison.Ordinal);
        Accept(new NoteContext { View = ShapeOf(changed), ViewVersion = 2 });
        Check(new NoteContext()); // And back, when version 2 was a mistake.
    }

    [Fact]
    public void A_changed_state_needs_a_new_schema_version_of_its_snapshots()
    {
        string message = Refusal(new NoteContext { State = NoteJson.Default.NoteWithOptional });

        Assert.Contains("snapshot.note.v1.json", message, StringComparison.Ordinal);
        Assert.Contains("Raise the schema version of 'note' to 2", message, StringComparison.Ordinal);
        Accept(new NoteContext { State = NoteJson.Default.NoteWithOptional, StateVersion = 2 });
    }

    [Fact]
    public void A_new_version_is_offered_as_a_file_and_the_old_one_stays()
    {
        string before = Text("event.note.taken.v1.json");
        NoteContext next = new() { Event = NoteJson.Default.NoteRenamed, EventVersion = 2 };

        string message = Refusal(next);
        Assert.Contains("event.note.taken.v2.json: this shape is a new version.", message, StringComparison.Ordinal);
        Assert.Contains($"cp '{Path.Combine(Proposals, "event.note.taken.v2.json")}' '{Folder}'", message, StringComparison.Ordinal);

        Accept(next);
        Assert.Equal(before, Text("event.note.taken.v1.json"));
    }

    [Fact]
    public void Checking_writes_nothing_beside_the_kept_files()
    {
        Dictionary<string, string> before = Contents();

        Refusal(new NoteContext { Event = NoteJson.Default.NoteRenamed, Command = NoteJson.Default.NoteRenamed, ViewName = "others" });

        Assert.Equal(before, Contents());
    }

    [Fact]
    public void The_file_of_an_old_version_must_not_go()
    {
        NoteContext next = new() { Event = NoteJson.Default.NoteRenamed, EventVersion = 2 };
        Accept(next);
        File.Delete(Path.Combine(Folder, "event.note.taken.v1.json"));

        Assert.Contains("event.note.taken.v1.json: the file of a released version is missing.", Refusal(next), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_was_released_must_still_be_read()
    {
        Accept(new NoteContext { Event = NoteJson.Default.NoteRenamed, EventVersion = 2 });

        Assert.Contains(
            "event.note.taken.v2.json: no event and no upcaster reads this version any more.", Refusal(new NoteContext()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(NoteWithOptional))]
    [InlineData(nameof(NoteWider))]
    [InlineData(nameof(NoteOfMoreMoods))]
    public void A_command_may_get_more_when_all_that_was_sent_can_still_be_read(string changed)
    {
        NoteContext next = new() { Command = ShapeOf(changed) };

        Assert.Contains("command.note.take.v2.json: this shape has more than command.note.take.v1.json", Refusal(next), StringComparison.Ordinal);

        Accept(next);
        Assert.Contains("command.note.take.v2.json: commands that were stored in this shape can't be read", Refusal(new NoteContext()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(NoteRenamed))]
    [InlineData(nameof(NoteWithout))]
    [InlineData(nameof(NoteWithRequired))]
    [InlineData(nameof(NoteOfFewerMoods))]
    [InlineData(nameof(NoteThatNeedsBy))]
    [InlineData(nameof(NoteWithoutNull))]
    [InlineData(nameof(NoteByConverter))]
    public void A_command_that_can_not_read_what_was_sent_needs_another_name(string changed)
    {
        string message = Refusal(new NoteContext { Command = ShapeOf(changed) });

        Assert.Contains("command.note.take.v1.json: commands that were stored in this shape can't be read any more.", message, StringComparison.Ordinal);
        Assert.Contains("as a command of another name", message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Proposals, "command.note.take.v2.json")));
    }

    [Fact]
    public void What_is_not_registered_any_more_is_named()
    {
        string message = Refusal(new NoteContext { ViewName = "others" });

        Assert.Contains("view.notes.v1.json: nothing of that name is registered any more.", message, StringComparison.Ordinal);
        Assert.Contains("view.others.v1.json: this shape is new.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_converter_can_get_another_name()
    {
        NoteContext context = new() { Event = NoteJson.Default.NoteByConverter, EventVersion = 2 };
        Accept(context);
        string file = Path.Combine(Folder, "event.note.taken.v2.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("LoudConverter", "ShoutConverter", StringComparison.Ordinal));

        Assert.Equal(["$.text was what ShoutConverter writes and is now what LoudConverter writes."], Sentences(Refusal(context)));
        StoredShapes.Of(context.Create(), Proposals).WithRenamedConverter("ShoutConverter", typeof(LoudConverter)).Check(Folder);
    }

    private void Check(NoteContext context) => StoredShapes.Of(context.Create(), Proposals).Check(Folder);

    private string Refusal(NoteContext context) => Assert.Throws<SpecificationException>(() => Check(context)).Message;

    /// <summary>As somebody would who follows the message.</summary>
    private void Accept(NoteContext context)
    {
        Refusal(context);
        foreach (string proposal in Directory.EnumerateFiles(Proposals))
        {
            File.Copy(proposal, Path.Combine(Folder, Path.GetFileName(proposal)), overwrite: false);
        }
        Directory.Delete(Proposals, recursive: true);
        Check(context);
    }

    private string Text(string file) => File.ReadAllText(Path.Combine(Folder, file));

    private Dictionary<string, string> Contents() => Directory.EnumerateFiles(Folder).ToDictionary(f => f, File.ReadAllText);

    private static IEnumerable<string> Sentences(string message) =>
        message.Split('\n').Where(l => l.StartsWith("  - ", StringComparison.Ordinal)).Select(l => l[4..]).Order(StringComparer.Ordinal);

    private static JsonTypeInfo ShapeOf(string changed) => NoteJson.Default.GetTypeInfo(Type.GetType($"{typeof(Note).Namespace}.{changed}")!)!;
}
