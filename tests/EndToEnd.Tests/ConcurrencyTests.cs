using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

public sealed class ConcurrencyTests(SystemUnderTest system)
{
    private const int Clients = 16;
    private const int CommandsPerClient = 25;

    private readonly Api api = system.Api;

    [Fact]
    public async Task Sixteen_clients_on_one_account_lose_nothing_and_double_nothing()
    {
        string id = await api.NewAccountAsync();

        (Answer Answer, string Key)[][] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            List<(Answer, string)> done = [];
            for (int i = 0; i < CommandsPerClient; i++)
            {
                string key = $"{client}-{i}";
                done.Add((await UntilDoneAsync(() => api.DepositAsync(id, client * 1_000 + i + 1, ("Idempotency-Key", key))), key));
            }
            return done.ToArray();
        }));

        List<JsonNode> events = await api.ReadAllAsync($"account/{id}/events?limit=1000", "events");
        int commands = Clients * CommandsPerClient;
        Assert.Equal(Enumerable.Range(1, commands + 1), events.Select(e => (int)e["version"]!));
        Dictionary<string, int> versions = events.Skip(1).ToDictionary(e => (string)e["commandId"]!, e => (int)e["version"]!);
        Assert.All(answers.SelectMany(a => a), a => Assert.Equal((200, versions[a.Key]), (a.Answer.Status, (int)a.Answer.Json["version"]!)));
        long expected = Enumerable.Range(0, Clients).Sum(c => Enumerable.Range(0, CommandsPerClient).Sum(i => c * 1_000L + i + 1));
        JsonNode summary = (await api.SeeAsync($"account-summary/{id}", id, commands + 1)).Json;
        Assert.Equal(expected, (long)summary["data"]!["balance"]!["minorUnits"]!);
    }

    [Fact]
    public async Task Sixteen_clients_on_many_accounts_do_not_disturb_each_other()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, Clients * 2).Select(_ => api.NewAccountAsync()));

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            Random random = new(client);
            for (int i = 0; i < CommandsPerClient; i++)
            {
                Assert.Equal(200, (await UntilDoneAsync(() => api.DepositAsync(ids[random.Next(ids.Length)], 1))).Status);
            }
        }));

        long balance = 0;
        foreach (string id in ids)
        {
            balance += (long)(await api.GetAsync($"account/{id}")).Json["state"]!["balance"]!["minorUnits"]!;
        }
        Assert.Equal(Clients * CommandsPerClient, balance);
    }

    [Fact]
    public async Task Of_sixteen_clients_that_decide_on_one_version_exactly_one_wins()
    {
        string id = await api.NewAccountAsync();
        for (int version = 1; version <= 10; version++)
        {
            string etag = $"\"{version}\"";
            Answer[] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => api.DepositAsync(id, 1, ("If-Match", etag))));

            Assert.Single(answers, a => a.Status == 200);
            Assert.All(answers.Where(a => a.Status != 200), a => a.MustBeProblem(412, "precondition-failed"));
        }
    }

    [Fact]
    public async Task One_command_sent_by_sixteen_clients_at_once_is_done_once()
    {
        string id = await api.NewAccountAsync();

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => api.DepositAsync(id, 7, ("Idempotency-Key", "once"))));

        Assert.All(answers, a => Assert.Equal((200, 2), (a.Status, (int)a.Json["version"]!)));
        Assert.Single(answers, a => !(bool)a.Json["repeated"]!);
        Assert.Equal(2, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task An_account_opened_by_sixteen_clients_at_once_is_opened_once()
    {
        string id = Api.NewId();

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => api.OpenAsync(id, "ada")));

        Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers.Where(a => a.Status != 201), a => a.MustBeProblem(422, "account-already-open"));
    }

    // Contention and a full queue say that nothing was written, and when to come again: clients do.
    private static async Task<Answer> UntilDoneAsync(Func<Task<Answer>> send)
    {
        while (true)
        {
            Answer answer = await send();
            if (answer.Status is not (409 or 503))
            {
                return answer;
            }
            await Task.Delay(TimeSpan.FromSeconds(int.Parse(answer.Header("Retry-After")!)), TestContext.Current.CancellationToken);
        }
    }
}
