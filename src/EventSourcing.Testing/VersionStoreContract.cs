using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IVersionStore"/> as a test. Inherit it in a test project and return the store; it may be shared and hold
/// records of other projections.
/// </summary>
public abstract class VersionStoreContract
{
    private readonly string projection = $"contract-{NewId()}";

    protected abstract IVersionStore Store { get; }

    [Fact]
    public async Task A_projection_that_never_ran_has_no_record() => Assert.Null(await Store.ReadAsync(projection, Token));

    [Fact]
    public async Task A_record_is_read_back_unchanged()
    {
        ProjectionVersion paused = new(2, VersionStatus.Paused, Noon)
        {
            StartedAt = Noon.AddMinutes(-3),
            PausedFor = TimeSpan.FromSeconds(90),
            PausedFrom = VersionStatus.Building,
        };
        ProjectionVersion serving = new(1, VersionStatus.Serving, Noon.AddDays(-1)) { CaughtUpAt = Noon.AddHours(-1) };
        VersionCheckResult check = new(Noon, 100, 98, ["'é' is missing"]);

        Assert.True(await Store.TryWriteAsync(Of(serving, paused with { LastCheck = check }), Token));

        ProjectionVersions read = (await Store.ReadAsync(projection, Token))!;
        Assert.False(string.IsNullOrEmpty(read.ETag));
        Assert.Equal((projection, serving), (read.Projection, read.Versions[0]));
        Assert.Equal(paused, read.Versions[1] with { LastCheck = null });
        Assert.Equal(check.Differences, read.Versions[1].LastCheck!.Differences);
        Assert.Equal(check, read.Versions[1].LastCheck! with { Differences = check.Differences });
    }

    [Fact]
    public async Task A_new_record_does_not_replace_one_that_is_there()
    {
        Assert.True(await Store.TryWriteAsync(Of(new ProjectionVersion(1, VersionStatus.Serving, Noon)), Token));

        Assert.False(await Store.TryWriteAsync(Of(new ProjectionVersion(2, VersionStatus.Serving, Noon)), Token));
        Assert.Equal(1, (await Store.ReadAsync(projection, Token))?.Serving);
    }

    [Fact]
    public async Task A_record_is_replaced_only_while_it_is_unchanged()
    {
        await Store.TryWriteAsync(Of(new ProjectionVersion(1, VersionStatus.Serving, Noon)), Token);
        ProjectionVersions first = (await Store.ReadAsync(projection, Token))!;

        Assert.True(await Store.TryWriteAsync(Of(new ProjectionVersion(2, VersionStatus.Serving, Noon)) with { ETag = first.ETag }, Token));
        Assert.False(await Store.TryWriteAsync(Of(new ProjectionVersion(3, VersionStatus.Serving, Noon)) with { ETag = first.ETag }, Token));
        Assert.Equal(2, (await Store.ReadAsync(projection, Token))?.Serving);
    }

    private ProjectionVersions Of(params ProjectionVersion[] versions) => new() { Projection = projection, Versions = versions };
}
