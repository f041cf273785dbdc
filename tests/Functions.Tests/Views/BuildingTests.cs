using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Views;

/// <summary>A projection that is new to its app answers from its beginning, and says that it has not caught up yet.</summary>
public sealed class BuildingTests : IAsyncDisposable
{
    private const string Versions = "manage/projections/account-statement";

    private readonly TestSystem system = new() { IsNew = true };

    [Fact]
    public async Task Every_answer_says_building_until_the_feed_has_caught_up_once()
    {
        await system.InitializeAsync();
        string id = await system.OpenAccountAsync(minorUnits: 1);
        await system.ProjectAsync(id);
        string[] paths = ["views/account-statement", $"views/account-statement/{id}", $"views/account-statement/{id}/entries", $"views/account-statement/{id}?version=1"];

        Assert.Equal("building", await StatusAsync());
        Assert.True((bool?)(await ViewAsync())["isBuilding"]);
        foreach (string path in paths)
        {
            Assert.True((bool?)(await system.GetAsync(path)).Json["isBuilding"], path);
        }
        Assert.Contains(
            "being built", (string?)(await system.GetAsync("views/account-statement/nobody")).MustBeProblem(404, "unknown-view-key").Json["detail"], StringComparison.Ordinal);

        Stand(commits: 5, new PendingCommit($"account-{id}", 1, TestSystem.Now.AddMinutes(-1)));
        system.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("building", await StatusAsync());
        Stand(commits: 0, oldest: null);
        while (await StatusAsync() != "serving")
        {
            system.Time.Advance(TimeSpan.FromSeconds(15)); // The app looks this often while something is built.
        }

        Assert.Null((await ViewAsync())["isBuilding"]);
        foreach (string path in paths)
        {
            Assert.Null((await system.GetAsync(path)).Json["isBuilding"]);
        }
        Stand(commits: 5, new PendingCommit($"account-{id}", 1, TestSystem.Now.AddHours(-1))); // Behind is not building.
        system.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("serving", await StatusAsync());
    }

    public ValueTask DisposeAsync() => system.DisposeAsync();

    private void Stand(long commits, PendingCommit? oldest) =>
        system.Feeds.Lags["account-statement@1"] = [new FeedLag(new FeedPosition("0", "9", "host-a", TestSystem.Now), commits, oldest)];

    private async Task<string?> StatusAsync() => (string?)(await system.GetAsync(Versions)).Json["versions"]![0]!["status"];

    private async Task<JsonNode> ViewAsync() =>
        (await system.GetAsync("views")).Json["views"]!.AsArray().Single(v => (string?)v!["name"] == "account-statement")!;
}
