using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Serverless.EndToEnd.Tests.Support;
using Serverless.FaultHarness.Checks;
using Serverless.LocalHost;

namespace Serverless.EndToEnd.Tests;

/// <summary>Functions on a database that runs already, as several instances do in the cloud.</summary>
public sealed class SharedDatabaseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_host_works_on_the_emulator_of_the_first()
    {
        await using LocalSystem first = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = 0 }, Cancel);
        await using LocalSystem second = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosUrl = first.CosmosAddress }, Cancel);
        using Api one = new(first.ApiAddress, key: null);
        using Api two = new(second.ApiAddress, key: null);

        string account = await one.NewAccountAsync(minorUnits: 500);
        Assert.Equal(200, (await two.WithdrawAsync(account, 200)).Status);
        Assert.Equal(422, (await one.WithdrawAsync(account, 301)).Status); // It has read what the other one wrote.

        Assert.Equal(300, (long)(await two.SeeAsync($"account-summary/{account}", account, 3)).Json["data"]!["balance"]!["minorUnits"]!);
        Assert.Equal(first.CosmosAddress, second.CosmosAddress);
    }

    [Fact]
    public async Task Hosts_share_leases_however_they_were_told_where_the_emulator_is()
    {
        await using LocalSystem first = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = 0 }, Cancel);
        Uri address = first.CosmosAddress!;
        foreach (string name in (string[])["localhost", "127.0.0.1"])
        {
            Uri named = new UriBuilder(address) { Host = name }.Uri;
            await using LocalSystem other = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosUrl = named }, Cancel);
        }

        using RawStore store = new(address);
        List<JsonElement> leases = await store.ReadAsync("leases", "SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken)", Cancel);
        Assert.NotEmpty(leases);
        Assert.All(leases, l => Assert.Contains("localhost_", l.GetProperty("id").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_account_can_come_from_the_setting()
    {
        await using LocalSystem first = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = 0 }, Cancel);
        string key = new CosmosEmulator.CosmosEmulatorOptions().Key;

        FormatException missing = await Assert.ThrowsAsync<FormatException>(
            () => LocalSystem.StartAsync(new LocalHostOptions { Port = 0, UsesConfiguredCosmos = true }, Cancel));
        Assert.StartsWith("Set CosmosDB to a connection string", missing.Message, StringComparison.Ordinal);

        await using LocalSystem second = await LocalSystem.StartAsync(
            new LocalHostOptions
            {
                Port = 0,
                UsesConfiguredCosmos = true,
                Settings = new Dictionary<string, string?>
                {
                    ["CosmosDB"] = $"AccountEndpoint={first.CosmosAddress};AccountKey={key};",
                    ["CosmosConnectionMode"] = "Gateway",
                },
            },
            Cancel);
        using Api two = new(second.ApiAddress, key: null);
        await two.NewAccountAsync();
    }

    [Fact]
    public async Task Where_nothing_answers_the_start_ends_at_once_and_says_so()
    {
        using Socket nobody = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Taken, but nobody listens.
        Uri address = new($"http://localhost:{((IPEndPoint)nobody.LocalEndPoint!).Port}");

        CosmosUnreachableException fault = await Assert.ThrowsAsync<CosmosUnreachableException>(
            () => LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosUrl = address }, Cancel));

        Assert.StartsWith($"Nothing answers at {address}. Start a database there first", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cosmos takes the URL of an emulator or account, such as http://localhost:8081, or the word setting.", "--cosmos")]
    [InlineData("--cosmos takes the URL of an emulator or account, such as http://localhost:8081, or the word setting.", "--cosmos", "localhost:8081")]
    [InlineData("--data is for an emulator in this process; with --cosmos there is none.", "--data", "d", "--cosmos", "http://localhost:8081")]
    [InlineData("--partitions is for an emulator in this process; with --cosmos there is none.", "--cosmos", "setting", "--partitions", "2")]
    public void A_wrong_option_is_named(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => LocalHostOptions.Parse(args)).Message);

    [Fact]
    public void A_database_is_a_url_or_the_setting()
    {
        Assert.Equal(new LocalHostOptions { CosmosUrl = new Uri("http://localhost:9") }, LocalHostOptions.Parse(["--cosmos", "http://localhost:9"]));
        Assert.Equal(new LocalHostOptions { Port = 1, UsesConfiguredCosmos = true }, LocalHostOptions.Parse(["--cosmos", "setting", "--port", "1"]));
    }
}
