using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Commands;
using Serverless.Functions.Health;
using Serverless.Functions.Management;

namespace Serverless.EndToEnd.Tests.Consumers;

/// <summary>The status of consumers, over HTTP, while they run, stand still, stop, and move to other instances.</summary>
public sealed class ConsumerStatusTests
{
    private const string Summary = "manage/consumers/account-summary@1";

    private static readonly Dictionary<string, string?> Quick = new() { ["Consumers:RecordInterval"] = "00:00:00.100" };

    [Fact]
    public async Task A_consumer_is_told_from_its_start_over_its_work_to_its_end_by_instances_that_do_not_run_it()
    {
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 2);
        // This instance takes commands and answers operators; it runs no consumer.
        using Api api = await system.StartHostAsync(Quick, typeof(CommandFunctions), typeof(ConsumerFunctions), typeof(HealthFunctions));
        JsonNode before = (await api.GetAsync(Summary)).Json;
        Assert.Equal(("not-started", 0), ((string)before["state"]!, (int)before["lag"]!["commits"]!));

        using (await system.StartHostAsync(Quick))
        {
            for (int n = 0; n < 10; n++)
            {
                await api.NewAccountAsync(minorUnits: 100);
            }
            JsonNode current = await Eventually.GetAsync(
                api, Summary, s => (string?)s["state"] == "current" && (int)s["counts"]!["events"]! == 20);
            Assert.Equal(2, current["ranges"]!.AsArray().Count);
            Assert.All(current["ranges"]!.AsArray(), r => Assert.True((bool)r!["isOwnerAlive"]!));
            Assert.NotNull(current["lastProgressAt"]);
            await system.StopHostAsync();
        }
        for (int n = 0; n < 4; n++)
        {
            await api.NewAccountAsync();
        }

        JsonNode behind = (await api.GetAsync(Summary)).Json;
        Assert.Equal(("behind", 4), ((string)behind["state"]!, (int)behind["lag"]!["commits"]!));
        Assert.Equal(20, (int)behind["counts"]!["events"]!); // From the record: the process that counted is gone.
        Assert.All(behind["ranges"]!.AsArray(), r => Assert.Null(r!["owner"]));

        using Api other = await system.StartHostAsync(Quick);
        await Eventually.GetAsync(other, Summary, s => (string?)s["state"] == "current" && (int)s["counts"]!["events"]! == 24);
    }

    [Fact]
    public async Task The_inbox_is_a_consumer_whose_lag_are_commands()
    {
        const string Inbox = "manage/consumers/inbox@1";
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 1);
        using (Api first = await system.StartHostAsync(Quick))
        {
            await SendAsync(first);
            JsonNode current = await Eventually.GetAsync(first, Inbox, s => (string?)s["state"] == "current" && s["lastProgressAt"] is not null);
            Assert.Equal(0, (int)current["lag"]!["commits"]!);
            await system.StopHostAsync();
        }
        // This instance takes commands and runs no consumer.
        using Api api = await system.StartHostAsync(Quick, typeof(CommandFunctions), typeof(ConsumerFunctions), typeof(HealthFunctions));
        await SendAsync(api);
        await SendAsync(api);

        JsonNode behind = (await api.GetAsync(Inbox)).Json;

        Assert.Equal(("behind", 2), ((string)behind["state"]!, (int)behind["lag"]!["commits"]!));

        static async Task SendAsync(Api api) => Assert.Equal(202, (await api.OpenAsync(Api.NewId(), "ada", "EUR", ("Prefer", "respond-async"))).Status);
    }

    [Fact]
    public async Task After_a_split_there_is_a_range_more_and_nothing_is_lost_from_sight()
    {
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 1);
        using Api api = await system.StartHostAsync(Quick);
        for (int n = 0; n < 6; n++)
        {
            await api.NewAccountAsync();
        }
        await Eventually.GetAsync(api, Summary, s => (string?)s["state"] == "current" && s["ranges"]!.AsArray().Count == 1);

        await system.Cosmos.SplitAsync(CosmosSettings.DefaultDatabase, ContainerNames.Events, "0", TestContext.Current.CancellationToken);
        for (int n = 0; n < 6; n++)
        {
            await api.NewAccountAsync();
        }

        JsonNode after = await Eventually.GetAsync(
            api, Summary, s => (string?)s["state"] == "current" && s["ranges"]!.AsArray().Count == 2 && (int)s["counts"]!["events"]! == 12);
        Assert.All(after["ranges"]!.AsArray(), r => Assert.Equal(0, (int)r!["lag"]!["commits"]!));
    }

    [Fact]
    public async Task A_consumer_that_may_park_no_more_streams_has_stopped_and_says_so_while_the_others_go_on()
    {
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 1);
        using Api api = await system.StartHostAsync(new(Quick)
        {
            ["Consumers:MaxAttempts"] = "1",
            ["Consumers:MaxParkedStreams"] = "2",
        });
        string[] bad = [Api.NewId(), Api.NewId(), Api.NewId()];
        foreach (string id in bad)
        {
            system.BadAccounts[id] = true;
            Assert.Equal(201, (await api.OpenAsync(id, "ada")).Status);
            await Task.Yield();
        }

        JsonNode stopped = await Eventually.GetAsync(api, Summary, s => (string?)s["state"] == "stopped");
        Assert.StartsWith("TooManyParkedStreamsException: account-summary@1 has 2 parked streams", (string?)stopped["reason"], StringComparison.Ordinal);
        Assert.Equal(2, (int)stopped["parked"]!);
        Assert.True((int)stopped["lag"]!["commits"]! > 0);
        await Eventually.GetAsync(api, "manage/consumers/account-statement@1", s => (string?)s["state"] == "current" && (int)s["counts"]!["events"]! == 3);

        system.BadAccounts.Clear();
        await api.PostAsync($"{Summary}/retry", """{"reason":"the cause is gone"}""");
        foreach (string id in bad)
        {
            await api.SeeAsync($"account-summary/{id}", id, version: 1); // It goes on by itself.
        }
        await Eventually.GetAsync(api, Summary, s => (string?)s["state"] == "current");
    }

    [Fact]
    public async Task Work_that_nobody_comes_further_with_is_stuck_after_the_limit()
    {
        await using ConsumerSystem system = ConsumerSystem.Create(partitions: 1);
        using (Api first = await system.StartHostAsync(Quick))
        {
            await first.NewAccountAsync();
            await Eventually.GetAsync(first, Summary, s => (string?)s["state"] == "current" && (int)s["counts"]!["events"]! == 1);
            await system.StopHostAsync();
        }
        using Api api = await system.StartHostAsync(
            new(Quick) { ["Consumers:StuckAfter"] = "00:00:01" }, typeof(CommandFunctions), typeof(ConsumerFunctions));
        await api.NewAccountAsync();

        JsonNode stuck = await Eventually.GetAsync(api, Summary, s => (string?)s["state"] == "stuck");
        Assert.Equal("no instance has taken it", (string?)stuck["reason"]);
        Assert.InRange((double)stuck["lag"]!["seconds"]!, 1, 600);
    }
}
