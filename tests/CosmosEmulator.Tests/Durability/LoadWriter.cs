using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>Writes until the emulator dies: single items, batches, and an item of its own that counts up.</summary>
internal sealed class LoadWriter(WriteRecord record, Container container, string name, Random random, Life life)
{
    public async Task RunAsync()
    {
        try
        {
            for (int i = 0; ; i++)
            {
                await (random.Next(4) switch
                {
                    0 => CreateAsync($"{name}-{i}"),
                    1 => BatchAsync($"{name}-{i}", random.Next(2, 6)),
                    2 => CountAsync($"count-{name}", i),
                    _ => CreateAndDeleteAsync($"{name}-{i}"),
                });
            }
        }
        catch (Exception exception) when (life.IsOver(exception))
        {
        }
    }

    private async Task CreateAsync(string id)
    {
        ItemResponse<Thing> response = await container.CreateItemAsync(new Thing(id, id), new PartitionKey(id), cancellationToken: life.Ended);
        record.Exists(id, response);
    }

    private async Task CreateAndDeleteAsync(string id)
    {
        await CreateAsync(id);
        record.Unknown(id);
        ItemResponse<Thing> response = await container.DeleteItemAsync<Thing>(id, new PartitionKey(id), cancellationToken: life.Ended);
        record.Gone(id, response);
    }

    private async Task CountAsync(string id, int n)
    {
        record.Counting(id, n);
        ItemResponse<Thing> response = await container.UpsertItemAsync(new Thing(id, id, n), new PartitionKey(id), cancellationToken: life.Ended);
        record.Counted(id, n, response);
    }

    private async Task BatchAsync(string id, int size)
    {
        record.BatchBegins(id, size);
        TransactionalBatch batch = container.CreateTransactionalBatch(new PartitionKey(id));
        for (int i = 0; i < size; i++)
        {
            batch.CreateItem(new Thing($"{id}.{i}", id, text: "batch"));
        }

        using TransactionalBatchResponse response = await batch.ExecuteAsync(life.Ended);
        if (response.IsSuccessStatusCode)
        {
            record.BatchExists(id, response.Headers.Session);
        }
        else if (!life.Ended.IsCancellationRequested && response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout))
        {
            record.Finding($"A batch was answered {response.StatusCode}: {response.ErrorMessage}");
        }
    }
}
