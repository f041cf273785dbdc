using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

public sealed class TlsTests
{
    [Fact]
    public async Task A_machine_without_a_certificate_gets_one_and_serves_https()
    {
        using TempDirectory home = new();
        await using EmulatorProcess emulator = await EmulatorProcess.StartInHomeAsync(home.Path, "--port", "0", "--https");
        Assert.Equal(("https", "localhost"), (emulator.Endpoint.Scheme, emulator.Endpoint.Host));
        using var client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            ServerCertificateCustomValidationCallback = (_, _, _) => true, // Made for this test, so nothing trusts it.
        });

        Assert.Equal("db", (await client.CreateDatabaseAsync("db")).Resource.Id);
    }

    [Fact]
    public async Task A_client_that_speaks_tls_to_the_plain_port_leaves_one_line()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0");
        for (int i = 0; i < 3; i++)
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(emulator.Endpoint.Host, emulator.Endpoint.Port, TestContext.Current.CancellationToken);
            await using var tls = new SslStream(tcp.GetStream());
            await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync("localhost"));
        }

        using var http = new HttpClient();
        Assert.NotEmpty(await http.GetStringAsync(new Uri(emulator.Endpoint, "_emulator/ready"), TestContext.Current.CancellationToken)); // Plain HTTP goes on.
        await emulator.SignalAsync("TERM");
        Assert.Equal(0, await emulator.WaitForExitAsync());
        Assert.Single(emulator.Output.Split(Environment.NewLine), line => line.StartsWith("A client spoke TLS to", StringComparison.Ordinal));
    }
}
