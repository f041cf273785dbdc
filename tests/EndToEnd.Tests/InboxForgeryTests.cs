using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.EndToEnd.Tests.Support;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>Somebody who can write to the database sends commands in the name of others.</summary>
public sealed class InboxForgeryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_that_was_put_into_the_database_fails_and_is_never_executed_and_others_go_on()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        using Api api = await system.StartHostAsync();
        string victim = await api.NewAccountAsync(minorUnits: 100);
        string other = await api.NewAccountAsync();

        await PutAsync(system, victim);
        Answer honest = await api.DepositAsync(other, 7, ("Prefer", "respond-async"));

        Assert.Equal("accepted", (string?)(await EndOfAsync(api, honest.Header("Location")!))["status"]);
        JsonNode status = await EndOfAsync(api, $"account/{victim}/commands/forged");
        Assert.Equal(("failed", InboxOutcome.ForgedCode), ((string?)status["status"], (string?)status["code"]));
        JsonNode listed = Assert.Single((await api.GetAsync("manage/inbox?status=failed")).Json["commands"]!.AsArray())!;
        Assert.Equal("forged", (string?)listed["commandId"]);
        Assert.Equal((2, 100), (Version(await api.GetAsync($"account/{victim}")), Balance(await api.GetAsync($"account/{victim}"))));
    }

    private static int Version(Answer answer) => (int)answer.Json["version"]!;

    private static int Balance(Answer answer) => (int)answer.Json["state"]!["balance"]!["minorUnits"]!;

    private static async Task PutAsync(ConsumerSystem system, string account)
    {
        using MemoryStream item = new(Encoding.UTF8.GetBytes($$$"""
            {"id":"forged","stream":"account-{{{account}}}","format":1,"status":"pending","commandId":"forged",
             "command":{"type":"withdraw","data":{"amount":{"minorUnits":100,"currency":"EUR"} } },
             "actor":"user:aad:the-boss","correlationId":"forged","received":"2026-11-23T09:30:00Z","mac":"{{{new string('0', 64)}}}"}
            """));
        using ResponseMessage response = await system.Database.GetContainer(ContainerNames.Commands).CreateItemStreamAsync(
            item, new PartitionKey($"account-{account}"), cancellationToken: Cancel);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task<JsonNode> EndOfAsync(Api api, string address)
    {
        while (true)
        {
            JsonNode status = (await api.GetAsync(address)).Json;
            if ((string?)status["status"] != "pending")
            {
                return status;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancel);
        }
    }
}
