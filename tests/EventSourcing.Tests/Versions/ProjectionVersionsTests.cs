namespace Serverless.EventSourcing.Tests;

public sealed class ProjectionVersionsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void At_first_the_oldest_version_serves_and_the_others_are_built()
    {
        ProjectionVersions first = ProjectionVersions.First("p", [3, 1, 2], Noon);

        Assert.Equal([(1, VersionStatus.Serving), (2, VersionStatus.Building), (3, VersionStatus.Building)], States(first));
        Assert.Equal(1, first.Serving);
    }

    [Fact]
    public void A_new_version_in_the_code_is_built_and_an_old_one_stands_by()
    {
        ProjectionVersions known = ProjectionVersions.First("p", [2], Noon).Knowing([1, 2, 3], Noon);

        Assert.Equal([(1, VersionStatus.Standby), (2, VersionStatus.Serving), (3, VersionStatus.Building)], States(known));
        Assert.Same(known, known.Knowing([2, 3], Noon)); // What the code has lost stays on record.
    }

    [Theory]
    [InlineData(2, new[] { 1, 2 }, 2)]
    [InlineData(1, new[] { 2 }, 1)] // The code has only the new version, which is not built: the old documents serve as they are.
    [InlineData(2, new[] { 1 }, 1)] // The code was rolled back: its version serves again.
    [InlineData(3, new[] { 1, 2 }, 2)]
    public void What_serves_depends_on_what_the_code_has(int serving, int[] inCode, int expected)
    {
        ProjectionVersions versions = ProjectionVersions.First("p", [1, 2, 3], Noon);
        versions = serving == 1 ? versions : versions.Serve(serving, Noon);

        Assert.Equal(expected, versions.ServingFor(inCode));
    }

    [Fact]
    public void Code_of_which_every_version_is_retired_serves_nothing()
    {
        ProjectionVersions versions = ProjectionVersions.First("p", [1, 2], Noon).Serve(2, Noon).Retire(1, Noon);

        Assert.Contains("is retired", Assert.Throws<VersionChangeException>(() => versions.ServingFor([1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_overtaken_while_it_is_built_stands_by()
    {
        ProjectionVersions overtaken = ProjectionVersions.First("p", [1, 2, 3, 4], Noon).Serve(3, Noon);

        Assert.Equal(
            [(1, VersionStatus.Standby), (2, VersionStatus.Standby), (3, VersionStatus.Serving), (4, VersionStatus.Building)], States(overtaken));
    }

    [Fact]
    public void A_rollback_leaves_the_newer_version_standing_by_until_it_is_resumed()
    {
        ProjectionVersions back = ProjectionVersions.First("p", [1, 2], Noon).Serve(2, Noon).Serve(1, Noon.AddMinutes(1));

        Assert.Equal([(1, VersionStatus.Serving), (2, VersionStatus.Standby)], States(back));
        Assert.Equal([(1, VersionStatus.Serving), (2, VersionStatus.Building)], States(back.Resume(2, Noon)));
    }

    [Fact]
    public void A_pause_keeps_what_the_version_was_and_is_left_out_of_its_time()
    {
        ProjectionVersions held = ProjectionVersions.First("p", [1, 2], Noon).Pause(2, Noon);
        ProjectionVersions resumed = held.Resume(2, Noon.AddMinutes(5));
        ProjectionVersions twice = resumed.Pause(2, Noon.AddMinutes(6)).Resume(2, Noon.AddMinutes(7));

        Assert.Equal((VersionStatus.Paused, VersionStatus.Building), (held.Find(2)!.Status, resumed.Find(2)!.Status));
        Assert.Equal(TimeSpan.FromMinutes(6), twice.Find(2)!.PausedFor);
        Assert.Equal(VersionStatus.Serving, held.Serve(2, Noon).Find(2)!.Status); // An operator may let it serve as it is.
    }

    [Fact]
    public void What_is_not_possible_is_refused_with_a_reason()
    {
        ProjectionVersions versions = ProjectionVersions.First("p", [1, 2, 3], Noon).Retire(3, Noon);
        (Action Change, string Reason)[] refused =
        [
            (() => versions.Serve(1, Noon), "p@1 serves already."),
            (() => versions.Serve(3, Noon), "p@3 is retired; its documents are deleted."),
            (() => versions.Serve(4, Noon), "'p' has no version 4. It has: 1, 2, 3."),
            (() => versions.Pause(1, Noon), "p@1 serves: let another version serve first."),
            (() => versions.Pause(2, Noon).Pause(2, Noon), "p@2 is paused already."),
            (() => versions.Pause(3, Noon), "p@3 is retired."),
            (() => versions.Resume(2, Noon), "p@2 is not paused."),
            (() => versions.Retire(1, Noon), "p@1 serves: let another version serve first."),
        ];

        Assert.All(refused, r => Assert.Equal(r.Reason, Assert.Throws<VersionChangeException>(r.Change).Message));
        Assert.Same(versions, versions.Retire(3, Noon));
    }

    [Theory]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"a":1,"b":{"c":3}}""", null)]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"a":2,"b":{"c":2}}""", "$.a is different")]
    [InlineData("""{"a":1,"bc":2}""", """{"a":1,"bc":3}""", "$.bc is different")]
    [InlineData("""{"a":1,"b":[1]}""", """{"a":1,"b":[2]}""", null)]
    public void Data_is_compared_but_for_what_is_named(string old, string built, string? difference) =>
        Assert.Equal(difference, VersionCheck.SameData("$.b").Compare(
            new ViewSample("k", System.Text.Encoding.UTF8.GetBytes(old), System.Text.Encoding.UTF8.GetBytes(built))));

    private static IEnumerable<(int Version, VersionStatus Status)> States(ProjectionVersions versions) =>
        versions.Versions.Select(v => (v.Version, v.Status));
}
