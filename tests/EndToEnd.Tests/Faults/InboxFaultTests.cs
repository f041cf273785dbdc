using System.Text.Json.Nodes;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Faults;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;
using Serverless.LocalHost;

namespace Serverless.EndToEnd.Tests.Faults;

/// <summary>Commands of the inbox on a database that fails in the places where it hurts.</summary>
public sealed class InboxFaultTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, FaultRule> Rules => new()
    {
        // The commit is there, and the outcome is not: as if the host had died in between.
        { "no outcome", Rule("commands", FaultOperations.Replace, FaultEffect.Error(403)) },
        { "outcome without answer", Rule("commands", FaultOperations.Replace, FaultEffect.DropAfter()) },
        { "commit without answer", Rule("events", FaultOperations.Create, FaultEffect.DropAfter()) },
        { "commit dropped", Rule("events", FaultOperations.Create, FaultEffect.DropBefore()) },
        { "lease not moved", Rule("leases", FaultOperations.Replace, FaultEffect.DropBefore()) },
    };

    [Theory]
    [MemberData(nameof(Rules), DisableDiscoveryEnumeration = true)]
    public async Task Every_command_is_done_once_and_in_order(string place, FaultRule rule)
    {
        await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = 2 });
        Uri address = await cosmos.ListenAsync(0, Cancel);
        await using LocalSystem system = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosUrl = address }, Cancel);
        using Api api = new(system.ApiAddress, key: null);
        string[] accounts = [await api.NewAccountAsync(), await api.NewAccountAsync()];
        List<(string Account, Answer Taken)> sent = [];
        ActiveFault? fault = null;
        for (int i = 1; i <= 30; i++)
        {
            foreach (string id in accounts)
            {
                sent.Add((id, await api.DepositAsync(id, i, Async)));
                if (sent.Count == 20)
                {
                    fault = cosmos.Faults.Add(rule);
                }
            }
        }

        Assert.All(sent, s => Assert.True(s.Taken.Status == 202, $"{place}: {s.Taken.Status} {s.Taken.Body}"));
        foreach (string id in accounts)
        {
            List<int> versions = [];
            foreach ((_, Answer taken) in sent.Where(s => s.Account == id))
            {
                versions.Add((int)(await AcceptedAsync(api, taken))["result"]!["version"]!);
            }
            Assert.Equal(Enumerable.Range(2, 30), versions);
            JsonNode state = (await api.GetAsync($"account/{id}")).Json;
            Assert.True(fault!.Strikes > 0, $"{place}: nothing went wrong.");
            Assert.Equal((31, 465), ((int)state["version"]!, (int)state["state"]!["balance"]!["minorUnits"]!));
        }
    }

    private static FaultRule Rule(string container, FaultOperations operations, FaultEffect effect) =>
        new() { Container = container, Operations = operations, Effect = effect, Probability = 0.3, Count = 5, Seed = 7 };

    private static async Task<JsonNode> AcceptedAsync(Api api, Answer taken)
    {
        while (true)
        {
            JsonNode status = (await api.GetAsync(taken.Header("Location")!)).Json;
            if ((string?)status["status"] != "pending")
            {
                Assert.Equal("accepted", (string?)status["status"]);
                return status;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancel);
        }
    }
}
