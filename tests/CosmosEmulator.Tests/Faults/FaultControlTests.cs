using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Faults;

/// <summary>Fault rules for an emulator that is another process.</summary>
public sealed class FaultControlTests
{
    [Fact]
    public async Task A_rule_is_added_seen_and_taken_away_over_http()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0");
        using var client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            MaxRetryAttemptsOnRateLimitedRequests = 0,
        });
        Database database = await client.CreateDatabaseAsync("db");
        Container container = await database.CreateContainerAsync("items", "/pk");
        using var http = new HttpClient { BaseAddress = emulator.Endpoint };

        JsonNode added = await PostAsync(http, """
            {"operations":["create","batch"],"container":"items","partitionKey":["a"],"count":1,
             "effect":{"status":429,"retryAfterMs":50}}
            """);
        CosmosException throttled = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(new Thing("1", "a")));
        Assert.Equal((HttpStatusCode.TooManyRequests, 3200), (throttled.StatusCode, throttled.SubStatusCode));
        Assert.Equal(TimeSpan.FromMilliseconds(50), throttled.RetryAfter);

        await container.CreateItemAsync(new Thing("1", "a"));
        JsonNode? state = await http.GetFromJsonAsync<JsonNode>("_emulator/faults", TestContext.Current.CancellationToken);
        Assert.Equal((2, 1), ((int)state![0]!["matches"]!, (int)state[0]!["strikes"]!));

        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"_emulator/faults/{added["number"]}", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync($"_emulator/faults/{added["number"]}", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_replica_lags_on_demand()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0");
        using var client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
        using var other = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
        using var http = new HttpClient { BaseAddress = emulator.Endpoint };
        Database database = await client.CreateDatabaseAsync("db");
        Container container = await database.CreateContainerAsync("items", "/pk");
        JsonNode added = await PostAsync(http, """{"operations":["read"],"effect":{"lagWrites":1,"lagMs":600000}}""");
        Assert.Equal((1, 600000), ((int)added["rule"]!["effect"]!["lagWrites"]!, (int)added["rule"]!["effect"]!["lagMs"]!));
        await container.CreateItemAsync(new Thing("1", "a"));

        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => other.GetContainer("db", "items").ReadItemAsync<Thing>("1", new PartitionKey("a")));
        await container.CreateItemAsync(new Thing("2", "a"));
        Assert.Equal("1", (await other.GetContainer("db", "items").ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.id);
    }

    [Fact]
    public async Task All_rules_are_taken_away_at_once()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--no-auth");
        using var http = new HttpClient { BaseAddress = emulator.Endpoint };
        await PostAsync(http, """{"operations":["all"],"effect":{"status":503}}""");
        await PostAsync(http, """{"operations":["metadata"],"effect":{"dropConnection":true,"afterTheWork":true}}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("dbs", TestContext.Current.CancellationToken)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync("_emulator/faults", TestContext.Current.CancellationToken)).StatusCode);

        Assert.Equal("[]", await http.GetStringAsync("_emulator/faults", TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("dbs", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("""{"effect":{}}""", "An effect needs a status")]
    [InlineData("""{"effect":{"status":503},"operation":["create"]}""", "operation")]
    [InlineData("""{"effect":{"status":503},"operations":["creat"]}""", "is none of Create, Read")]
    [InlineData("""{"effect":{"status":503},"operations":["1"]}""", "is none of Create, Read")]
    [InlineData("""{"effect":{"status":503},"partitionKey":"a"}""", "A partition key is a JSON array.")]
    [InlineData("""{"effect":{"status":503},"count":-1}""", "can't be negative")]
    [InlineData("""{"effect":{"delayMs":-1}}""", "is no delay")]
    [InlineData("""{"effect":{"lagWrites":0}}""", "A replica lags by")]
    [InlineData("""{"effect":{"lagMs":500},"operations":["batch"]}""", "Only reads meet")]
    [InlineData("""{}""", "effect")]
    [InlineData("null", "null")]
    [InlineData("", "valid fault rule")]
    public async Task What_is_no_rule_is_refused_with_the_reason(string body, string reason)
    {
        await using var cosmos = EmbeddedCosmos.Create();
        using var http = new HttpClient { BaseAddress = await cosmos.ListenAsync(0, TestContext.Current.CancellationToken) };

        using HttpResponseMessage answer = await http.PostAsync("_emulator/faults", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonNode? error = await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
        Assert.Contains(reason, (string?)error?["message"]);
        Assert.Empty(cosmos.Faults.Active);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Only_json_is_a_rule(string? type)
    {
        await using var cosmos = EmbeddedCosmos.Create();
        using var http = new HttpClient { BaseAddress = await cosmos.ListenAsync(0, TestContext.Current.CancellationToken) };
        using var body = new ByteArrayContent("""{"effect":{"status":503}}"""u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        using HttpResponseMessage answer = await http.PostAsync("_emulator/faults", body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Empty(cosmos.Faults.Active);
    }

    [Fact]
    public async Task The_route_can_be_switched_off()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--no-auth", "--no-control");
        using var http = new HttpClient { BaseAddress = emulator.Endpoint };

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("_emulator/faults", TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string rule)
    {
        using HttpResponseMessage answer = await http.PostAsync("_emulator/faults", new StringContent(rule, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
    }
}
