using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.EndToEnd.Tests.Support;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Projections;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Consumers;

/// <summary>A new version of a projection from its deployment to the end of the old one, over HTTP.</summary>
public sealed class ProjectionVersionTests
{
    private const string Summary = "manage/projections/account-summary";

    /// <summary>Accounts that version 2 can't process; a test puts them in and takes them out again.</summary>
    private readonly ConcurrentDictionary<string, bool> bad = [];

    private static readonly Dictionary<string, string?> One = new()
    {
        ["Consumers:VersionsMaxAge"] = "00:00:00.050",
        ["Consumers:TakeoverInterval"] = "00:00:00.050",
        ["Consumers:FirstBackoff"] = "00:00:00.010",
        ["Consumers:RecordInterval"] = "00:00:00.100",
    };

    private static readonly Dictionary<string, string?> Both = new(One)
    {
        [NextVersionFunctions.Setting] = "account-summary@2",
        ["AzureWebJobs.ProjectNextVersion.Disabled"] = "false",
    };

    [Fact]
    public async Task A_new_version_is_built_while_the_old_one_serves_and_takes_over_by_itself()
    {
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 2);
        string first, second;
        using (Api before = await system.StartHostAsync(One))
        {
            first = await before.NewAccountAsync(minorUnits: 100, owner: "ada");
            second = await before.NewAccountAsync(minorUnits: 200, owner: "bob");
            await before.SeeAsync($"account-summary/{first}", first, 2);
            await before.SeeAsync($"account-summary/{second}", second, 2);
            await system.StopHostAsync();
        }
        bad[first] = true;
        system.NewContext = () => Bank(AccountSummaryView.Projection, Second());
        using (Api api = await system.StartHostAsync(Both))
        {
            // Version 2 has parked a stream, so it waits, and version 1 goes on serving what is new.
            JsonNode waiting = await Eventually.GetAsync(api, Summary, p => (int?)VersionOf(p, 2)["parked"] == 1);
            Assert.Equal((1, "building"), ((int)waiting["serving"]!, (string)VersionOf(waiting, 2)["status"]!));
            Assert.NotNull(VersionOf(waiting, 2)["startedAt"]);
            Assert.Equal(2, (await api.GetAsync("manage/consumers/account-summary@2")).Json["ranges"]!.AsArray().Count); // So two hosts can share it.
            await api.DepositAsync(second, 50);
            Answer old = await api.SeeAsync($"account-summary/{second}", second, 3);
            Assert.Equal((1, "bob", 250), Read(old));
            // Whoever wants to look at it beforehand can.
            await Eventually.GetAsync(api, $"views/account-summary/{second}?version=2", v => (string)v["data"]!["owner"]! == "bob (2)");
            await system.StopHostAsync();
        }
        bad.Clear();

        // A restart goes on where it was.
        using Api later = await system.StartHostAsync(Both);
        await later.PostAsync("manage/consumers/account-summary@2/retry", "{}");

        JsonNode served = await Eventually.GetAsync(later, Summary, p => (int)p["serving"]! == 2);
        Assert.Equal(("standby", "serving"), ((string)VersionOf(served, 1)["status"]!, (string)VersionOf(served, 2)["status"]!));
        JsonNode check = VersionOf(served, 2)["lastCheck"]!;
        Assert.Equal((2, 2, 0), ((int)check["sampled"]!, (int)check["compared"]!, check["differences"]!.AsArray().Count));
        JsonNode seen = await Eventually.GetAsync(later, $"views/account-summary/{first}", v => (int)v["version"]! == 2);
        Assert.Equal("ada (2)", (string)seen["data"]!["owner"]!);
        JsonNode actions = (await later.GetAsync("manage/actions?consumer=account-summary@2")).Json["items"]!;
        Assert.Contains(actions.AsArray(), a => (string)a!["kind"]! == "serve" && (string)a["actor"]! == "system" && (string)a["outcome"]! == "serving");
    }

    [Fact]
    public async Task A_version_that_differs_from_the_old_one_is_held_back_by_the_check_of_its_owner()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        system.NewContext = () => Bank(AccountSummaryView.Projection, Second(VersionCheck.SameData("$.balance")));
        string account;
        using (Api before = await system.StartHostAsync(One)) // Nothing feeds version 2 yet.
        {
            account = await before.NewAccountAsync(owner: "ada");
            await before.SeeAsync($"account-summary/{account}", account, 1);
            await system.StopHostAsync();
        }
        using Api api = await system.StartHostAsync(Both);

        // Before the document is there, it is said to be missing.
        JsonNode held = await Eventually.GetAsync(
            api, Summary, p => (string?)VersionOf(p, 2)["lastCheck"]?["differences"]?.AsArray().FirstOrDefault() == $"'{account}' $.owner is different");

        Assert.Equal(1, (int)held["serving"]!);
        Answer refused = await ServeAsync(api, 2);
        refused.MustBeProblem(409, "version-change-refused");
        Assert.Equal(200, (await api.PostAsync($"{Summary}/serve", """{"version":2,"reason":"the names are meant to change","force":true}""")).Status);
        Assert.Equal(2, (int)(await api.GetAsync(Summary)).Json["serving"]!);
    }

    [Fact]
    public async Task A_version_is_rolled_back_and_forth_and_both_stay_up_to_date_until_one_is_retired()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        system.NewContext = () => Bank(AccountSummaryView.Projection, Second());
        using Api api = await system.StartHostAsync(Both);
        string account = await api.NewAccountAsync(minorUnits: 100, owner: "ada");
        await Eventually.GetAsync(api, Summary, p => (int)p["serving"]! == 2);

        await Eventually.TrueAsync(async () => (await ServeAsync(api, 1)).Status == 200); // As soon as version 1 is up to date.
        Assert.Equal("standby", (string)VersionOf((await api.GetAsync(Summary)).Json, 2)["status"]!);
        await api.DepositAsync(account, 11);
        Assert.Equal((1, "ada", 111), Read(await api.SeeAsync($"account-summary/{account}", account, 3)));
        Answer retired = await api.PostAsync($"{Summary}/retire", """{"version":1,"reason":"no"}""");
        Assert.Equal((409, "account-summary@1 serves: let another version serve first."), (retired.Status, (string)retired.Json["detail"]!));

        await Eventually.TrueAsync(async () => (await ServeAsync(api, 2)).Status == 200);
        Assert.Equal((2, "ada (2)", 111), Read(await api.SeeAsync($"account-summary/{account}", account, 3)));
        await Eventually.TrueAsync(
            async () => await api.PostAsync($"{Summary}/retire", """{"version":1,"reason":"2 is right"}""") is { Status: 200 } a && (bool)a.Json["isComplete"]!);
        Assert.Equal(0, await CountAsync(system, "account-summary@1"));
        Assert.NotEqual(0, await CountAsync(system, "account-summary@2"));
        Answer again = await ServeAsync(api, 1);
        Assert.Equal((409, "account-summary@1 is retired; its documents are deleted."), (again.Status, (string)again.Json["detail"]!));
        await api.DepositAsync(account, 1); // Its feed runs on and writes nothing.
        await api.SeeAsync($"account-summary/{account}", account, 4);
        await Eventually.GetAsync(api, "manage/consumers/account-summary@1", c => (string)c["state"]! == "current" && (int)c["lag"]!["commits"]! == 0);
        Assert.Equal(0, await CountAsync(system, "account-summary@1"));
    }

    [Fact]
    public async Task A_replay_is_paused_and_resumed_and_says_how_far_it_is()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        system.NewContext = () => Bank(AccountSummaryView.Projection, Second());
        string account;
        using (Api before = await system.StartHostAsync(One)) // Nothing feeds version 2 yet.
        {
            account = await before.NewAccountAsync(minorUnits: 100);
            await before.SeeAsync($"account-summary/{account}", account, 2);
            Assert.Equal(200, (await before.PostAsync($"{Summary}/pause", """{"version":2,"reason":"not now"}""")).Status);
            await system.StopHostAsync();
        }
        using Api api = await system.StartHostAsync(Both);

        JsonNode held = await Eventually.GetAsync(api, Summary, p => (string?)VersionOf(p, 2)["state"] == "stopped");
        Assert.Equal(("paused", "VersionPausedException: account-summary@2 is paused."), ((string)VersionOf(held, 2)["status"]!, (string)VersionOf(held, 2)["reason"]!));
        JsonNode progress = VersionOf(held, 2)["progress"]!;
        Assert.Equal((0, 2, 0), ((int)progress["done"]!, (int)progress["total"]!, (int)progress["percent"]!));
        Assert.Equal(200, (await api.PostAsync($"{Summary}/resume", """{"version":2,"reason":"now"}""")).Status);

        // A document can be there before its feed has acknowledged it.
        JsonNode served = await Eventually.GetAsync(
            api, Summary, p => (int)p["serving"]! == 2 && (int?)VersionOf(p, 2)["progress"]?["percent"] == 100);
        Assert.Equal((2, 2, 100), (
            (int)VersionOf(served, 2)["progress"]!["done"]!, (int)VersionOf(served, 2)["progress"]!["total"]!, (int)VersionOf(served, 2)["progress"]!["percent"]!));
    }

    [Fact]
    public async Task Code_that_has_only_the_new_version_serves_the_old_documents_until_the_new_ones_are_there()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        string account;
        using (Api before = await system.StartHostAsync(One))
        {
            account = await before.NewAccountAsync(minorUnits: 100, owner: "ada");
            await before.SeeAsync($"account-summary/{account}", account, 2);
            await system.StopHostAsync();
        }
        bad[account] = true;
        system.NewContext = () => Bank(Second());
        using Api api = await system.StartHostAsync(Both);
        await Eventually.GetAsync(api, Summary, p => (int?)VersionOf(p, 2)["parked"] == 1);

        Assert.Equal((1, "ada", 100), Read(await api.GetAsync($"views/account-summary/{account}")));
        Assert.False((bool)VersionOf((await api.GetAsync(Summary)).Json, 1)["isInCode"]!);
        bad.Clear();
        await api.PostAsync("manage/consumers/account-summary@2/retry", "{}");

        await Eventually.GetAsync(api, $"views/account-summary/{account}", v => (int)v["version"]! == 2);
    }

    [Fact]
    public async Task A_process_with_new_rules_that_is_replayed_sends_nothing_for_what_was_done()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        string from, to;
        using (Api before = await system.StartHostAsync(One))
        {
            from = await before.NewAccountAsync(minorUnits: 1_000);
            to = await before.NewAccountAsync();
            await TransferAsync(before, from, to);
            // The state of the transfer is there before its process has acknowledged the last events.
            await Eventually.GetAsync(before, "manage/consumers/transfer-process@1", c => (string)c["state"]! == "current" && (int)c["lag"]!["commits"]! == 0);
            await system.StopHostAsync();
        }
        ConcurrentQueue<string> reactions = [];
        system.NewContext = () => new BoundedContext()
            .Add(AccountAggregate.Definition).Add(TransferAggregate.Definition)
            .Add(AccountSummaryView.Projection).Add(AccountStatementView.Projection)
            .Add(CustomerPortfolioView.Projection).Add(BankTotalsView.Projection)
            .Add(new ProcessManager<object>
            {
                Name = TransferProcess.Process.Name,
                Version = 2,
                Start = TransferProcess.Process.Start,
                Steps = TransferProcess.Process.Steps,
                Sources = TransferProcess.Process.Sources,
                React = e =>
                {
                    ProcessStep[] steps = [.. TransferProcess.Process.React(e)];
                    if (steps.Length > 0)
                    {
                        reactions.Enqueue(e.CorrelationId);
                    }
                    return steps;
                },
            });

        using Api api = await system.StartHostAsync(new Dictionary<string, string?>(Both)
        {
            [NextVersionFunctions.Setting] = "transfer-process@2",
            ["AzureWebJobs.RunTransferProcess.Disabled"] = "true",
        });
        await Eventually.GetAsync(api, "manage/consumers/transfer-process@2", c => (string)c["state"]! == "current" && (int)c["counts"]!["commits"]! > 0);
        Assert.Empty(reactions);
        await TransferAsync(api, from, to);

        Assert.Single(reactions.Distinct()); // The new rules hold for what is new, and for nothing else.
    }

    [Fact]
    public async Task One_stream_is_rebuilt_after_its_document_was_damaged()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        using Api api = await system.StartHostAsync(One);
        string account = await api.NewAccountAsync(minorUnits: 100, owner: "ada");
        await api.SeeAsync($"account-summary/{account}", account, 2);
        Container views = system.Database.GetContainer(ContainerNames.Views);
        PartitionKey key = new($"account-summary@1/{account}");
        await views.PatchItemAsync<object>(
            "view", key, [PatchOperation.Set("/data/owner", "mallory")], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((1, "mallory", 100), Read(await api.GetAsync($"views/account-summary/{account}")));

        Answer rebuilt = await api.PostAsync($"{Summary}/rebuild", $$"""{"stream":"account-{{account}}","reason":"damaged"}""");

        Assert.Equal((200, 1, 1, 0), (rebuilt.Status, (int)rebuilt.Json["documents"]!, (int)rebuilt.Json["changed"]!, (int)rebuilt.Json["deleted"]!));
        Assert.Equal((1, "ada", 100), Read(await api.GetAsync($"views/account-summary/{account}")));
        Answer again = await api.PostAsync($"{Summary}/rebuild", $$"""{"stream":"account-{{account}}","reason":"to be sure"}""");
        Assert.Equal(0, (int)again.Json["changed"]!);
        Answer totals = await api.PostAsync("manage/projections/bank-totals/rebuild", $$"""{"stream":"account-{{account}}","reason":"no"}""");
        totals.MustBeProblem(409, "version-change-refused");
    }

    [Theory]
    [InlineData("manage/projections/nothing/pause", """{"version":1,"reason":"x"}""", 404, "unknown-view")]
    [InlineData("manage/projections/account-summary/pause", """{"version":1,"reason":"x"}""", 409, "version-change-refused")]
    [InlineData("manage/projections/account-summary/serve", """{"version":7,"reason":"x"}""", 409, "version-change-refused")]
    [InlineData("manage/projections/account-summary/resume", """{"version":1}""", 400, "invalid-request")]
    [InlineData("manage/projections/account-summary/retire", """{"version":0,"reason":"x"}""", 400, "invalid-request")]
    [InlineData("manage/projections/account-summary/rebuild", """{"stream":"account-none","reason":"x"}""", 404, "unknown-stream")]
    [InlineData("manage/projections/account-summary/rebuild", """{"stream":"transfer-1","reason":"x"}""", 400, "invalid-request")]
    [InlineData("manage/projections/account-summary/rebuild", """{"stream":"account-1","reason":"x","version":9}""", 409, "version-change-refused")]
    public async Task What_is_not_possible_is_refused(string path, string body, int status, string code)
    {
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 1);
        using Api api = await system.StartHostAsync(One, typeof(Functions.Management.ProjectionFunctions));

        Answer answer = await api.PostAsync(path, body);

        answer.MustBeProblem(status, code);
    }

    private static Task<Answer> ServeAsync(Api api, int version) =>
        api.PostAsync($"{Summary}/serve", $$"""{"version":{{version}},"reason":"tests"}""");

    private static async Task<string> TransferAsync(Api api, string from, string to)
    {
        string id = Api.NewId();
        Answer answer = await api.PostAsync(
            $"transfer/{id}/request", $$$"""{"from":"{{{from}}}","to":"{{{to}}}","amount":{"minorUnits":10,"currency":"EUR"}}""");
        Assert.True(answer.Status is 200 or 201, answer.Body);
        await Eventually.GetAsync(api, $"transfer/{id}", t => (string?)t["state"]?["status"] == "completed");
        return id;
    }

    private static JsonNode VersionOf(JsonNode projection, int version) =>
        projection["versions"]!.AsArray().First(v => (int)v!["version"]! == version)!;

    private static (int Version, string Owner, int MinorUnits) Read(Answer view) =>
        ((int)view.Json["version"]!, (string)view.Json["data"]!["owner"]!, (int)view.Json["data"]!["balance"]!["minorUnits"]!);

    private static async Task<int> CountAsync(ConsumerSystem system, string projection)
    {
        using FeedIterator<int> query = system.Database.GetContainer(ContainerNames.Views).GetItemQueryIterator<int>(
            new QueryDefinition("SELECT VALUE COUNT(1) FROM c WHERE c.projection = @projection").WithParameter("@projection", projection));
        return (await query.ReadNextAsync(TestContext.Current.CancellationToken)).Single();
    }

    private static BoundedContext Bank(params IProjection[] summaries)
    {
        BoundedContext context = new();
        foreach (IProjection summary in summaries)
        {
            context.Add(summary);
        }
        return context
            .Add(AccountAggregate.Definition)
            .Add(TransferAggregate.Definition)
            .Add(AccountStatementView.Projection)
            .Add(CustomerPortfolioView.Projection)
            .Add(BankTotalsView.Projection)
            .Add(TransferProcess.Process);
    }

    /// <summary>The summary with a change that can be seen in every document.</summary>
    private DocumentView<AccountSummary, AccountEvent> Second(VersionCheck? check = null) => new()
    {
        Name = AccountSummaryView.Projection.Name,
        Version = 2,
        Sources = AccountSummaryView.Projection.Sources,
        Key = AccountSummaryView.Projection.Key,
        Initial = AccountSummaryView.Projection.Initial,
        Check = check ?? VersionCheck.SameKeys,
        Apply = (view, envelope) => bad.ContainsKey(envelope.Stream.Id) ? throw new InvalidOperationException("not this one")
            : envelope.Event is AccountOpened opened ? AccountSummaryView.Apply(view, envelope) with { Owner = $"{opened.Owner.Value} (2)" }
            : AccountSummaryView.Apply(view, envelope),
        Json = AccountSummaryView.Projection.Json,
    };
}
