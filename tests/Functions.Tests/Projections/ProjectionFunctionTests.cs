using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Projections;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Projections;

public sealed class ProjectionFunctionTests
{
    private const string Opened =
        """
        {"id":"0000000001","stream":"account-7","format":1,"commandId":"c1","command":{"type":"open","policy":"1","data":{"owner":"ada","currency":"EUR"}},
         "actor":"anonymous","correlationId":"c1","time":"2026-11-23T09:30:00Z",
         "events":[{"type":"account.opened","v":1,"data":{"owner":"ada","currency":"EUR"}}],"_rid":"x","_ts":1,"_etag":"e"}
        """;

    private readonly BoundedContext context = BankingContext.Create();
    private readonly InMemoryViewStore views = new();

    [Fact]
    public void Every_projection_has_its_function_and_every_function_its_projection() =>
        Assert.Equal(
            context.Projections.Select(p => p.FullName).Order(StringComparer.Ordinal),
            FunctionTable.Feeds.Select(f => f.Trigger.LeaseContainerPrefix!).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_feed_starts_at_the_beginning_and_creates_no_container() =>
        Assert.All(FunctionTable.Feeds, f =>
        {
            CosmosDBTriggerAttribute t = f.Trigger;
            Assert.True(t.StartFromBeginning);
            Assert.False(t.CreateLeaseContainerIfNotExists);
            Assert.Equal(("%CosmosDatabase%", ContainerNames.Events, ContainerNames.Leases), (t.DatabaseName, t.ContainerName, t.LeaseContainerName));
            Assert.Equal(CosmosSettings.ConnectionSetting, t.Connection);
        });

    [Fact]
    public void Every_feed_retries_without_end_because_a_finite_policy_loses_the_batch() =>
        Assert.All(FunctionTable.Feeds, f => Assert.Equal(-1, f.Method.GetCustomAttribute<ExponentialBackoffRetryAttribute>()?.MaxRetryCount));

    [Fact]
    public void Every_feed_takes_the_type_that_works_and_a_token() =>
        Assert.All(FunctionTable.Feeds, f => Assert.Equal(
            [typeof(IReadOnlyList<JsonElement>), typeof(CancellationToken)], f.Method.GetParameters().Select(p => p.ParameterType)));

    [Fact]
    public async Task Every_function_feeds_the_projection_of_its_prefix()
    {
        BankingProjections functions = new(Feed());
        foreach ((string name, MethodInfo method, CosmosDBTriggerAttribute trigger) in FunctionTable.Feeds)
        {
            await (Task)method.Invoke(functions, [Items(Opened), TestContext.Current.CancellationToken])!;
            IProjection projection = context.Projections.Single(p => p.FullName == trigger.LeaseContainerPrefix);
            ViewPage page = await views.ListAsync(
                new ViewQuery(projection.Name, projection.Version, ViewKind.View, null, false, 10, null), TestContext.Current.CancellationToken);
            Assert.True(page.Items.Count == 1, $"{name} wrote no {projection.Name}.");
        }
    }

    [Theory]
    [InlineData("""{"id":"0000000001","stream":"account-7","format":2}""")]
    [InlineData("""{"something":"else"}""")]
    public async Task What_is_no_commit_is_thrown_so_that_the_lease_stays(string item) =>
        await Assert.ThrowsAsync<CommitFormatException>(
            () => Feed().ApplyAsync("account-summary@1", Items(item), TestContext.Current.CancellationToken));

    [Fact]
    public async Task An_event_that_can_not_be_read_is_thrown_so_that_the_lease_stays() =>
        await Assert.ThrowsAsync<PoisonException>(() => Feed().ApplyAsync(
            "account-summary@1", Items(Opened.Replace("account.opened", "account.renamed", StringComparison.Ordinal)), TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_cancelled_token_is_no_acknowledgement() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Feed().ApplyAsync("account-summary@1", Items(Opened), new CancellationToken(canceled: true)));

    private ProjectionFeed Feed() => new(
        context,
        new Projector(new InMemoryEventStore(), views, TimeProvider.System, new ProjectorOptions()),
        NullLogger<ProjectionFeed>.Instance);

    private static JsonElement[] Items(params string[] items) => [.. items.Select(i => JsonDocument.Parse(i).RootElement)];
}
