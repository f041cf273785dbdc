using System.Net.Sockets;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

/// <summary>What goes over the wire besides the happy path: unknown routes, wrong methods, signatures, ports.</summary>
public sealed class WireTests : IAsyncLifetime
{
    private TestAccount account = null!;
    private RawClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        await account.ContainerAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/nothing", 404, "NotFound")]
    [InlineData("GET", "/dbs/db/nothing", 404, "NotFound")]
    [InlineData("PUT", "/dbs", 405, "MethodNotAllowed")]
    [InlineData("DELETE", "/", 405, "MethodNotAllowed")]
    [InlineData("POST", "/dbs/db/colls/items/pkranges", 405, "MethodNotAllowed")]
    [InlineData("GET", "/dbs/none", 404, "NotFound")]
    [InlineData("GET", "/dbs/none/colls", 404, "NotFound")]
    [InlineData("GET", "/dbs/db/colls/none", 404, "NotFound")]
    [InlineData("GET", "/dbs/db/colls/none/pkranges", 404, "NotFound")]
    [InlineData("GET", "/offers/none", 404, "NotFound")]
    [InlineData("GET", "/dbs/db/colls/items/conflicts/x", 501, "NotImplemented")]
    [InlineData("POST", "/dbs/db/colls/items/sprocs/x", 404, "NotFound")]
    [InlineData("POST", "/dbs/db/colls/items/sprocs/__.sys.commonBulkInsert", 501, "NotImplemented")]
    [InlineData("POST", "/dbs/db/colls/items/udfs/x", 405, "MethodNotAllowed")]
    [InlineData("GET", "/dbs/db/users/u/permissions", 404, "NotFound")]
    [InlineData("GET", "/addresses/?$resolveFor=x", 501, "NotImplemented")]
    [InlineData("POST", "/dbs", 400, "BadRequest")]
    [InlineData("POST", "/dbs/db/colls", 400, "BadRequest")]
    [InlineData("GET", "/dbs/db/colls/items/docs/1", 400, "BadRequest")] // No key.
    public async Task A_request_that_leads_nowhere_says_why(string method, string path, int status, string code)
    {
        RawAnswer answer = await raw.SendAsync(method, path, method is "POST" or "PUT" ? "{}" : null);
        Assert.Equal(status, answer.Status);
        Assert.Equal(code, answer.Json.GetProperty("code").GetString());
        Assert.NotEmpty(answer.Json.GetProperty("message").GetString()!);
        Assert.NotNull(answer.Header("x-ms-request-charge"));
    }

    [Theory]
    [InlineData("x-ms-documentdb-partitionkey", "nonsense", 400)]
    [InlineData("x-ms-documentdb-partitionkey", "{}", 400)]
    [InlineData("x-ms-documentdb-partitionkey", "[]", 200)]
    [InlineData("x-ms-documentdb-partitionkeyrangeid", "7", 410)]
    [InlineData("x-ms-documentdb-partitionkeyrangeid", "0", 200)]
    [InlineData("x-ms-documentdb-partitionkeyrangeid", "abcAAA==,0", 200)]
    [InlineData("x-ms-max-item-count", "many", 400)]
    [InlineData("x-ms-max-item-count", "-1", 200)]
    [InlineData("x-ms-max-item-count", "0", 200)]
    [InlineData("x-ms-continuation", "nonsense", 400)]
    [InlineData("x-ms-read-key-type", "EffectivePartitionKeyRange", 400)]
    [InlineData("x-ms-unknown", "anything", 200)]
    public async Task A_header_of_a_feed_is_understood_or_refused(string name, string value, int status) =>
        Assert.Equal(status, (await raw.GetAsync("/dbs/db/colls/items/docs", (name, value))).Status);

    [Fact]
    public async Task A_direct_client_is_told_to_use_gateway_mode()
    {
        using var client = new CosmosClient(account.Cosmos.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Direct,
            HttpClientFactory = () => new HttpClient(account.Cosmos.CreateHandler(), disposeHandler: false),
        });
        CosmosException refused = await Assert.ThrowsAsync<CosmosException>(
            () => client.GetContainer("db", "items").ReadItemAsync<Thing>("1", new PartitionKey("a")));
        Assert.Contains("ConnectionMode.Gateway", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_http_a_wrong_key_or_none_is_refused()
    {
        Uri address = await account.Cosmos.ListenAsync(0, TestContext.Current.CancellationToken);
        using var client = new CosmosClient(address.ToString(), Convert.ToBase64String(new byte[64]), new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
        });
        CosmosException refused = await Assert.ThrowsAsync<CosmosException>(() => client.GetDatabase("db").ReadAsync());
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
        using var http = new HttpClient();
        using HttpResponseMessage unsigned = await http.GetAsync(new Uri(address, "/dbs"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, unsigned.StatusCode);
    }

    [Fact]
    public async Task Checking_keys_can_be_switched_off_and_on()
    {
        await using var open = EmbeddedCosmos.Create(new CosmosEmulatorOptions { RequireKeyOverHttp = false, RequireKeyInProcess = true });
        using var http = new HttpClient();
        Uri address = await open.ListenAsync(0, TestContext.Current.CancellationToken);
        using HttpResponseMessage unsigned = await http.GetAsync(new Uri(address, "/dbs"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, unsigned.StatusCode);
        using var inProcess = new RawClient(open);
        Assert.Equal(401, (await inProcess.GetAsync("/dbs")).Status);
    }

    [Fact]
    public async Task A_taken_port_is_a_clear_error()
    {
        using var other = new TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        int port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        PortTakenException taken = await Assert.ThrowsAsync<PortTakenException>(
            () => account.Cosmos.ListenAsync(port, TestContext.Current.CancellationToken));
        Assert.Equal(port, taken.Port);
        Assert.Contains($"{port}", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_account_names_the_address_that_the_client_used()
    {
        RawAnswer answer = await raw.GetAsync("/");
        Assert.Equal(
            account.Cosmos.Endpoint.ToString(),
            answer.Json.GetProperty("writableLocations")[0].GetProperty("databaseAccountEndpoint").GetString());
        Assert.NotEqual("{}", answer.Json.GetProperty("queryEngineConfiguration").GetString());
    }
}
