using System.Net;
using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What parks nothing, however often it comes back; and what does.</summary>
public sealed class CosmosStoreFaultsTests
{
    private static readonly CosmosStoreFaults Faults = new();

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(410)]
    [InlineData(412)]
    [InlineData(429)]
    [InlineData(449)]
    [InlineData(500)]
    [InlineData(503)]
    public void Throttling_timeouts_rights_and_server_errors_are_faults_of_the_store(int status) => Assert.True(Faults.IsFault(Fault(status)));

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    public void An_answer_about_one_write_is_not(int status) => Assert.False(Faults.IsFault(Fault(status)));

    [Fact]
    public void A_missing_container_a_token_that_is_not_given_and_a_broken_connection_are() => Assert.All(
        new Exception[]
        {
            new ContainerMissingException("db", "events", Fault(404)), new AuthenticationFailedException("no token"), new CredentialUnavailableException("none"),
            new HttpRequestException(), new TimeoutException(), new OperationCanceledException(), new IOException(), new ObjectDisposedException("client"),
        },
        e => Assert.True(Faults.IsFault(e)));

    [Fact]
    public void Anything_else_is_not() => Assert.All(
        new Exception[] { new ArgumentException("NaN"), new InvalidOperationException(), new System.Text.Json.JsonException(), new FormatException() },
        e => Assert.False(Faults.IsFault(e)));

    private static CosmosException Fault(int status) => new("", (HttpStatusCode)status, subStatusCode: 0, activityId: "", requestCharge: 0);
}
