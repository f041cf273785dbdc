using System.Net.Sockets;

namespace Serverless.LocalHost;

/// <summary>Nothing answers where the database should be.</summary>
public sealed class CosmosUnreachableException(Uri address, Exception inner)
    : Exception(
        $"Nothing answers at {address}. Start a database there first; an emulator with: "
        + $"dotnet run --project src/CosmosEmulator -- --port {address.Port}", inner)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Uri Address { get; } = address;

    internal static async Task ThrowIfUnreachableAsync(Uri address, CancellationToken cancellationToken)
    {
        using TcpClient probe = new();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await probe.ConnectAsync(address.Host, address.Port, patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CosmosUnreachableException(address, e);
        }
    }
}
