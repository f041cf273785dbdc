using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.ProgramTests;

public sealed class ProgramTests
{
    [Fact]
    public async Task A_client_uses_the_connection_string_of_the_ready_line()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--partitions=2", "--log-requests");
        using var client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
        Database database = await client.CreateDatabaseAsync("db");
        Container container = await database.CreateContainerAsync("items", "/pk");
        await container.CreateItemAsync(new Thing("1", "a"));

        Assert.Equal(2, (await container.GetFeedRangesAsync()).Count);
        Assert.Contains("POST /dbs/db/colls/items/docs 201 ", emulator.Output);
        Assert.Contains("in memory, 2 physical partitions", emulator.Output);
        Assert.Empty(emulator.Errors);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_in_order(string signal)
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0");
        using var http = new HttpClient();
        await http.GetAsync(emulator.Endpoint, TestContext.Current.CancellationToken); // An open connection doesn't hold it up.

        await emulator.SignalAsync(signal);

        Assert.Equal(0, await emulator.WaitForExitAsync());
        Assert.EndsWith($"Stopped.{Environment.NewLine}", emulator.Output);
        Assert.Empty(emulator.Errors);
    }

    [Fact]
    public async Task A_taken_port_is_an_error_of_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        (int code, string output, string errors) = await EmulatorProcess.RunAsync("--port", $"{port}");

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Equal(
            $"cosmos-emulator: Port {port} on localhost is taken by another program: stop it, or choose another port (0 for any free one).\n", errors);
    }

    [Theory]
    [InlineData("The option '--prot' is unknown.", "--prot", "1")]
    [InlineData("--port is a number from 0 to 65535, not 'x'.", "--port", "x")]
    [InlineData("--port is a number from 0 to 65535, not '-1'.", "--port", "-1")]
    [InlineData("--port needs a value.", "--port")]
    [InlineData("--port needs a value.", "--port", "--no-auth")]
    [InlineData("--port was given twice.", "--port", "1", "--port=2")]
    [InlineData("--partitions is a number from 1 to 256, not '0'.", "--partitions", "0")]
    [InlineData("--key is not base64.", "--key", "se cret!")]
    [InlineData("--fsync needs --data.", "--fsync")]
    [InlineData("The option --no-auth is unknown or takes no value.", "--no-auth=1")]
    [InlineData("--consistency is one of Strong, BoundedStaleness, Session, ConsistentPrefix, Eventual, not 'Weak'.", "--consistency", "Weak")]
    public async Task Bad_arguments_are_an_error_of_one_line(string message, params string[] arguments)
    {
        (int code, string output, string errors) = await EmulatorProcess.RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Equal($"cosmos-emulator: {message} Try --help.\n", errors);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--port", "1", "--help")]
    public async Task Help_is_no_error_and_starts_nothing(params string[] arguments)
    {
        (int code, string output, string errors) = await EmulatorProcess.RunAsync(arguments);

        Assert.Equal(0, code);
        Assert.Contains("--partitions N", output);
        Assert.Contains("Request charges are estimates.", output);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_line_of_the_request_log_says_what_was_asked_and_what_it_cost()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--no-auth", "--log-requests");
        using var http = new HttpClient();
        await http.GetAsync(new Uri(emulator.Endpoint, "dbs/none"), TestContext.Current.CancellationToken);

        await emulator.SignalAsync("TERM"); // The output is complete when it has ended.
        await emulator.WaitForExitAsync();

        Assert.Matches(@"(?m)^\d\d:\d\d:\d\d\.\d{3} GET /dbs/none 404 1 RU \d+ B \d+\.\d ms\r?$", emulator.Output);
    }

    [Fact]
    public async Task Without_a_signature_a_request_is_refused_unless_the_key_is_switched_off()
    {
        using var http = new HttpClient();
        await using EmulatorProcess strict = await EmulatorProcess.StartAsync("--port", "0");
        await using EmulatorProcess open = await EmulatorProcess.StartAsync("--port", "0", "--no-auth");

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(strict.Endpoint, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(open.Endpoint, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_client_in_direct_mode_is_told_what_to_change()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0");
        using var gateway = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
        Database database = await gateway.CreateDatabaseAsync("db");
        await database.CreateContainerAsync("items", "/pk");
        using var direct = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Direct,
            RequestTimeout = TimeSpan.FromSeconds(2),
        });

        CosmosException refused = await Assert.ThrowsAnyAsync<CosmosException>(
            () => direct.GetContainer("db", "items").CreateItemAsync(new Thing("1", "a"), new PartitionKey("a")));

        Assert.Contains("ConnectionMode.Gateway", refused.Message);
    }
}
