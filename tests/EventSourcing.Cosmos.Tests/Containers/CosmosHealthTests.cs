using System.Net;
using Microsoft.Azure.Cosmos;
using Moq;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosHealthTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Provisioned_containers_are_healthy()
    {
        CosmosHealthReport report = await new CosmosHealth(account.Client, account.Settings.Database).CheckAsync(Token);

        Assert.True(report.IsHealthy);
        Assert.Equal(ContainerDefinition.All.Select(d => d.Name), report.Containers.Select(c => c.Container));
    }

    [Fact]
    public async Task Without_the_database_every_container_is_missing()
    {
        CosmosHealthReport report = await new CosmosHealth(account.Client, account.NewDatabase().Database).CheckAsync(Token);

        Assert.False(report.IsHealthy);
        Assert.All(report.Containers, c => Assert.Equal("missing", c.Problem));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "missing")]
    [InlineData(HttpStatusCode.Unauthorized, "access denied")]
    [InlineData(HttpStatusCode.Forbidden, "access denied")]
    [InlineData(HttpStatusCode.TooManyRequests, "throttled")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "status 503")]
    public async Task A_container_that_answers_with_a_fault_says_which(HttpStatusCode status, string problem)
    {
        CosmosHealthReport report = await CheckAsync(c => c
            .ReturnsAsync(() => new ResponseMessage(status)));

        Assert.False(report.IsHealthy);
        Assert.All(report.Containers, c => Assert.Equal(problem, c.Problem));
    }

    [Fact]
    public async Task An_account_that_can_not_be_reached_is_an_answer_without_details()
    {
        CosmosHealthReport report = await CheckAsync(c => c.ThrowsAsync(new HttpRequestException("secret-host:443 refused")));

        Assert.All(report.Containers, c => Assert.Equal("unreachable", c.Problem));
    }

    [Fact]
    public async Task A_cancelled_check_is_cancelled() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new CosmosHealth(account.Client, account.Settings.Database).CheckAsync(new CancellationToken(canceled: true)));

    private static Task<CosmosHealthReport> CheckAsync(Action<Moq.Language.Flow.ISetup<Container, Task<ResponseMessage>>> answer)
    {
        Mock<Container> container = new();
        answer(container.Setup(c => c.ReadContainerStreamAsync(It.IsAny<ContainerRequestOptions>(), It.IsAny<CancellationToken>())));
        Mock<Database> database = new();
        database.Setup(d => d.GetContainer(It.IsAny<string>())).Returns(container.Object);
        Mock<CosmosClient> client = new();
        client.Setup(c => c.GetDatabase("db")).Returns(database.Object);
        return new CosmosHealth(client.Object, "db").CheckAsync(Token);
    }
}
