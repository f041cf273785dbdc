using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Hosting;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Functions;

/// <summary>
/// Creates missing containers at start, for emulators. Waits for a database that does not answer yet: a worker that died of it would take the
/// host with it after a few attempts.
/// </summary>
internal sealed class Provisioner(ContainerProvisioning provisioning, CosmosClient client, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task announcement = AnnounceAsync(done.Token);
        while (!await TryAsync(cancellationToken))
        {
            await Task.Delay(RetryInterval, time, cancellationToken);
        }
        await done.CancelAsync();
        await announcement;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await provisioning.EnsureAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or CosmosException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout })
        {
            return false;
        }
    }

    // To the console: no invocation runs, and the Functions host drops every other log entry of its worker.
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(QuietTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"Waiting for the database at {client.Endpoint}, which does not answer yet. Start it, or correct the setting CosmosDB.");
        }
    }
}
