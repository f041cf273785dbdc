using Microsoft.Extensions.Configuration;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosSettingsTests
{
    [Fact]
    public void A_connection_string_is_enough()
    {
        CosmosSettings settings = From(("CosmosDB", "AccountEndpoint=https://a/;AccountKey=Yg=="));

        Assert.Equal("AccountEndpoint=https://a/;AccountKey=Yg==", settings.ConnectionString);
        Assert.Null(settings.AccountEndpoint);
        Assert.Equal(("serverless", false), (settings.Database, settings.UseGateway));
    }

    [Fact]
    public void An_account_endpoint_is_enough_and_may_name_an_identity()
    {
        CosmosSettings settings = From(("CosmosDB:accountEndpoint", "https://account.documents.azure.com:443/"), ("CosmosDB:clientId", "7f3a"));

        Assert.Equal(new Uri("https://account.documents.azure.com:443/"), settings.AccountEndpoint);
        Assert.Equal("7f3a", settings.ManagedIdentityClientId);
        Assert.Null(settings.ConnectionString);
    }

    [Theory]
    [InlineData("Gateway", true)]
    [InlineData("gateway", true)]
    [InlineData("Direct", false)]
    [InlineData("", false)]
    public void The_connection_mode_can_be_chosen(string mode, bool useGateway) =>
        Assert.Equal(useGateway, From(("CosmosDB", "x"), ("CosmosConnectionMode", mode)).UseGateway);

    [Fact]
    public void The_database_can_be_chosen() => Assert.Equal("mine", From(("CosmosDB", "x"), ("CosmosDatabase", "mine")).Database);

    [Theory]
    [InlineData("CosmosDB", "", "Set CosmosDB to a connection string, or CosmosDB__accountEndpoint to the account's URL.")]
    [InlineData("CosmosDB:accountEndpoint", "not a url", "CosmosDB__accountEndpoint is not a URL.")]
    public void A_missing_or_malformed_account_is_named(string setting, string value, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => From((setting, value))).Message);

    [Fact]
    public void An_unknown_connection_mode_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => From(("CosmosDB", "x"), ("CosmosConnectionMode", "Tcp")));

    [Fact]
    public void Text_of_the_settings_has_no_secret()
    {
        CosmosSettings settings = From(("CosmosDB", "AccountEndpoint=https://a/;AccountKey=c2VjcmV0"), ("CosmosDatabase", "mine"));

        Assert.DoesNotContain("c2VjcmV0", $"{settings}", StringComparison.Ordinal);
        Assert.Contains("mine", $"{settings}", StringComparison.Ordinal);
    }

    private static CosmosSettings From(params (string Name, string Value)[] values) => CosmosSettings.From(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))).Build());
}
