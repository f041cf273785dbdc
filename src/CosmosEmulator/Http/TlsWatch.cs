using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// Sees when a client speaks TLS to a port without it, for which the client itself shows only a broken handshake. Says so once a minute
/// at most.
/// </summary>
internal sealed class TlsWatch(Action<string>? notice, TimeProvider clock)
{
    private const byte Handshake = 0x16;
    private static readonly long Pause = TimeSpan.FromMinutes(1).Ticks;

    private long nextNotice;

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        PipeReader input = connection.Transport.Input;
        ReadResult first = await input.ReadAsync(connection.ConnectionClosed);
        bool isTls = !first.Buffer.IsEmpty && first.Buffer.FirstSpan[0] == Handshake;
        input.AdvanceTo(first.Buffer.Start);
        if (!isTls)
        {
            await next(connection);
            return;
        }

        long now = clock.GetUtcNow().UtcTicks;
        long due = Volatile.Read(ref nextNotice);
        if (now >= due && Interlocked.CompareExchange(ref nextNotice, now + Pause, due) == due)
        {
            notice?.Invoke($"A client spoke TLS to {connection.LocalEndPoint}, which serves http: "
                + "use 'http://' in its connection string, or start the emulator with --https.");
        }
    }
}
