using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>Writes until the emulator dies: single items, batches, and an item of its own that counts up.</summary>
internal sealed class LoadWriter(WriteRecord record, Container container, string name, Random random)
{
    public async Task RunAsync(CancellationToken killed)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                await (random.Next(4) switch
                {
                    0 => CreateAsync($"{name}-{i}", killed),
                    1 => BatchAsync($"{name}-{i}", random.Next(2, 6), killed),
                    2 => CountAsync($"count-{name}", i, killed),
                    _ => CreateAndDeleteAsync($"{name}-{i}", killed),
                });
            }
        }
        catch (Exception exception) when (IsEndOfLife(exception, killed))
        {
        }
    }

    /// <summary>What the death of the process looks like to a client. Anything else is a finding.</summary>
    public static bool IsEndOfLife(Exception exception, CancellationToken killed) =>
        exception is OperationCanceledException or HttpRequestException
        || (exception is CosmosException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout or 0 })
        // The client repeats a write whose connection has broken, and may meet its own first attempt.
        || (exception is CosmosException { StatusCode: HttpStatusCode.Conflict or HttpStatusCode.NotFound } && killed.IsCancellationRequested);

    private async Task CreateAsync(string id, CancellationToken killed)
    {
        ItemResponse<Thing> response = await container.CreateItemAsync(new Thing(id, id), new PartitionKey(id), cancellationToken: killed);
        record.Exists(id, response);
    }

    private async Task CreateAndDeleteAsync(string id, CancellationToken killed)
    {
        await CreateAsync(id, killed);
        record.Unknown(id);
        ItemResponse<Thing> response = await container.DeleteItemAsync<Thing>(id, new PartitionKey(id), cancellationToken: killed);
        record.Gone(id, response);
    }

    private async Task CountAsync(string id, int n, CancellationToken killed)
    {
        record.Counting(id, n);
        ItemResponse<Thing> response = await container.UpsertItemAsync(new Thing(id, id, n), new PartitionKey(id), cancellationToken: killed);
        record.Counted(id, n, response);
    }

    private async Task BatchAsync(string id, int size, CancellationToken killed)
    {
        record.BatchBegins(id, size);
        TransactionalBatch batch = container.CreateTransactionalBatch(new PartitionKey(id));
        for (int i = 0; i < size; i++)
        {
            batch.CreateItem(new Thing($"{id}.{i}", id, text: "batch"));
        }

        using TransactionalBatchResponse response = await batch.ExecuteAsync(killed);
        if (response.IsSuccessStatusCode)
        {
            record.BatchExists(id, response.Headers.Session);
        }
        else if (!killed.IsCancellationRequested && response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout))
        {
            record.Finding($"A batch was answered {response.StatusCode}: {response.ErrorMessage}");
        }
    }
}
