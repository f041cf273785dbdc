using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class StoredNamesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("stored-names-").FullName;

    public StoredNamesTests()
    {
        Refusal(Context("copy", "first", "second"));
        Accept();
        Check(Context("copy", "first", "second"));
    }

    private string Folder => Path.Combine(root, "kept");

    private string Proposals => Path.Combine(root, "proposed");

    private string Names => File.ReadAllText(Path.Combine(Folder, "names.json"));

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void The_file_has_the_names_that_are_stored() => Assert.Equal(
        """{"processes":{"copy":["first","second"]},"projections":[]}""",
        string.Concat(Names.Where(c => !char.IsWhiteSpace(c))));

    [Fact]
    public void A_process_that_is_renamed_must_keep_its_former_name() => Assert.Contains(
        "the process 'copy' is gone.\n  Under a new name it would send every step again: add FormerNames = [\"copy\"] to it.",
        Refusal(Context("twin", "first", "second")),
        StringComparison.Ordinal);

    [Fact]
    public void A_new_name_with_the_former_one_is_added_to_the_file()
    {
        BoundedContext renamed = new BoundedContext().Add(Process("twin", ["first", "second"], ["copy"]));
        Assert.DoesNotContain("is gone", Refusal(renamed), StringComparison.Ordinal);
        Accept();

        Check(renamed);
        Assert.Contains("\"copy\"", Names, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_is_retired_may_go() => Check(new BoundedContext().RetireProcess("copy"));

    [Fact]
    public void A_step_that_is_gone_needs_a_decision() => Assert.Contains(
        "'copy' has no step 'second' any more.", Refusal(Context("copy", "first")), StringComparison.Ordinal);

    [Fact]
    public void A_step_that_is_added_is_proposed()
    {
        BoundedContext more = Context("copy", "first", "second", "third");
        Assert.Contains("there are names that are not in it", Refusal(more), StringComparison.Ordinal);
        Accept();

        Check(more);
    }

    [Fact]
    public void A_projection_that_is_gone_needs_a_decision()
    {
        BoundedContext withView = Context("copy", "first", "second").Add(FailingViews.Log());
        Refusal(withView);
        Accept();
        Check(withView);

        Assert.Contains("the projection 'log' is gone.", Refusal(Context("copy", "first", "second")), StringComparison.Ordinal);
    }

    private void Check(BoundedContext context) => StoredShapes.Of(context, Proposals).Check(Folder);

    private string Refusal(BoundedContext context) => Assert.Throws<SpecificationException>(() => Check(context)).Message;

    private void Accept()
    {
        foreach (string proposal in Directory.EnumerateFiles(Proposals))
        {
            File.Move(proposal, Path.Combine(Folder, Path.GetFileName(proposal)), overwrite: true);
        }
    }

    private static BoundedContext Context(string name, params string[] steps) => new BoundedContext().Add(Process(name, steps, []));

    private static ProcessManager<PurseEvent> Process(string name, string[] steps, string[] formerNames) => new()
    {
        Name = name,
        FormerNames = formerNames,
        Version = 1,
        Start = StartPoint.Now,
        Steps = steps,
        Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
        React = _ => [],
    };
}
