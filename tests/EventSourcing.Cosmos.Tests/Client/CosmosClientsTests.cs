using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosClientsTests
{
    private const string Connection = "AccountEndpoint=https://localhost:1/;AccountKey=Yg==;";

    [Fact]
    public void The_options_are_those_of_production()
    {
        CosmosClientOptions options = CosmosClients.Options(new CosmosSettings { ConnectionString = Connection });

        Assert.Equal(ConnectionMode.Direct, options.ConnectionMode);
        Assert.Equal("serverless-event-sourcing", options.ApplicationName);
        Assert.False(options.EnableContentResponseOnWrite);
        Assert.False(options.AllowBulkExecution); // Would hold every append back to gather others.
        Assert.Equal(9, options.MaxRetryAttemptsOnRateLimitedRequests);
        Assert.Equal(TimeSpan.FromSeconds(10), options.MaxRetryWaitTimeOnRateLimitedRequests);
        Assert.Null(options.HttpClientFactory);
    }

    [Fact]
    public void Gateway_mode_and_a_handler_can_be_chosen()
    {
        using SocketsHttpHandler handler = new();
        CosmosClientOptions options = CosmosClients.Options(new CosmosSettings { UseGateway = true, HttpHandler = handler });

        Assert.Equal(ConnectionMode.Gateway, options.ConnectionMode);
        using HttpClient first = options.HttpClientFactory();
        Assert.NotNull(first);
    }

    [Fact]
    public void A_client_is_made_from_a_connection_string_or_for_the_identity_of_the_process()
    {
        using CosmosClient byKey = CosmosClients.Create(new CosmosSettings { ConnectionString = Connection });
        using CosmosClient byIdentity = CosmosClients.Create(new CosmosSettings { AccountEndpoint = new Uri("https://account.example/") });

        Assert.Equal(new Uri("https://localhost:1/"), byKey.Endpoint);
        Assert.Equal(new Uri("https://account.example/"), byIdentity.Endpoint);
    }

    [Fact]
    public void Settings_without_an_account_make_no_client() =>
        Assert.Throws<InvalidOperationException>(() => CosmosClients.Create(new CosmosSettings()));
}
