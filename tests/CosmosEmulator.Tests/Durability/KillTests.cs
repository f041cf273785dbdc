using System.Net.Http.Json;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>
/// The promise of the data directory, tried: a process under load is killed again and again, and what it had acknowledged is
/// compared with what the next one has. The record of what was acknowledged is kept here, outside of the process.
/// </summary>
public sealed class KillTests : IDisposable
{
    /// <summary><c>EMULATOR_KILLS</c> changes how often.</summary>
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("EMULATOR_KILLS"), out int kills) ? kills : 10;
    private const int Writers = 8;

    private readonly TempDirectory directory = new();

    [Theory]
    [InlineData(11)]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_half_there(int seed)
    {
        var random = new Random(seed);
        using var record = new WriteRecord();
        for (int number = 0; number <= Kills; number++)
        {
            await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--data", directory.Path, "--partitions", "2");
            using var client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
            Database database = client.GetDatabase("db");
            Container container = database.GetContainer("items");
            await Life.PatientlyAsync(async () =>
            {
                await client.CreateDatabaseIfNotExistsAsync("db");
                await database.CreateContainerIfNotExistsAsync("items", "/pk");
                await record.VerifyAsync(database, container);
            });
            if (number == Kills)
            {
                break;
            }

            using var life = new Life();
            int seedOfLife = random.Next();
            int goal = record.Acknowledged + random.Next(5, 120);
            Task[] load =
            [
                .. Enumerable.Range(0, Writers).Select(writer => Task.Run(
                    () => new LoadWriter(record, container, $"{number}-{writer}", new Random(seedOfLife + writer), life).RunAsync())),
                Task.Run(() => record.WatchAsync(container, life)),
                Task.Run(() => ChangeResourcesAsync(record, database, number, life)),
                number % 10 == 5 ? Task.Run(() => SplitAsync(emulator, container, life)) : Task.CompletedTask,
            ];
            await record.WaitForAsync(goal);
            await life.EndAsync(emulator.KillAsync);
            await Task.WhenAll(load);
        }

        Assert.True(record.Acknowledged > Kills * 5, $"Only {record.Acknowledged} writes were acknowledged.");
        Assert.True(record.Batches > Kills / 2, $"Only {record.Batches} batches were.");
        Assert.True(record.Seen > Kills, $"Only {record.Seen} items were seen by a reader.");
    }

    public void Dispose() => directory.Dispose();

    private static async Task ChangeResourcesAsync(WriteRecord record, Database database, int number, Life life)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                string name = $"c{number}-{i}";
                record.Resource(name, null);
                Container created = await database.CreateContainerAsync(name, "/pk", cancellationToken: life.Ended);
                record.Resource(name, true);
                await created.CreateItemAsync(new Thing("1", "a"), cancellationToken: life.Ended);
                if (i % 2 == 0)
                {
                    record.Resource(name, null);
                    await created.DeleteContainerAsync(cancellationToken: life.Ended);
                    record.Resource(name, false);
                }
            }
        }
        catch (Exception exception) when (life.IsOver(exception))
        {
        }
    }

    private static async Task SplitAsync(EmulatorProcess emulator, Container container, Life life)
    {
        try
        {
            using var http = new HttpClient { BaseAddress = emulator.Endpoint };
            var ranges = await container.GetFeedRangesAsync(life.Ended);
            for (int range = 0; range < 100; range++)
            {
                await http.PostAsJsonAsync("_emulator/split", new { database = "db", container = "items", rangeId = $"{range}" }, life.Ended);
                if ((await container.GetFeedRangesAsync(life.Ended)).Count > ranges.Count + 1)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (life.IsOver(exception))
        {
        }
    }
}
