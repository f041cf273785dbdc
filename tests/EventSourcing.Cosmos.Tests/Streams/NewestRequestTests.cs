using System.Globalization;
using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What questions over all streams cost; docs/decisions/0038-questions-over-the-whole-app.md has the figures.</summary>
public sealed class NewestRequestTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task A_page_of_the_newest_commits_is_a_plan_and_one_query_per_partition_however_many_there_are(int pageSize)
    {
        account.SkipUnlessRequestsAreSeen();
        Assert.SkipUnless(account.IsEmulator, "Other classes write into a shared database.");
        var handler = Counter.Handler(account.Events);
        for (int stream = 0; stream < 12; stream++)
        {
            StreamName name = Counter.NewStream();
            for (int i = 0; i < 20; i++)
            {
                await handler.ExecuteAsync(name, new Count(1), Counter.FreshId(), Token);
            }
        }
        double charge = 0;
        Microsoft.Azure.Cosmos.Container events = account.NewClient(new ChargeHandler(c => charge += c)).GetContainer(account.Settings.Database, ContainerNames.Events);
        CosmosCommitLog log = new(events);
        NewestQuery query = new() { PageSize = pageSize };
        await log.ReadNewestAsync(query, Token);
        charge = 0;

        NewestPage<Delivery>? page = null;
        CosmosRequestKind[] requests = await account.Requests.OfAsync(async () => page = await log.ReadNewestAsync(query, Token));

        int partitions = (await events.GetFeedRangesAsync(Token)).Count;
        // The client ends a page early when it has used up what one partition gave it.
        Assert.InRange(page!.Items.Count, 1, pageSize);
        Assert.NotNull(page.Continuation);
        Assert.Equal(1, requests.Count(r => r == QueryPlan));
        Assert.Equal(partitions, requests.Count(r => r == Query));
        Assert.Equal(partitions + 1, requests.Length);
        Assert.True(charge / partitions is > 2 and < 12, string.Create(CultureInfo.InvariantCulture, $"{charge:0.00} RU on {partitions} partitions"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{charge:0.00} RU on {partitions} partitions"));
    }

    private sealed class ChargeHandler(Action<double> add) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.TryGetValues("x-ms-request-charge", out IEnumerable<string>? charge))
            {
                add(double.Parse(charge.Single(), CultureInfo.InvariantCulture));
            }
            return response;
        }
    }
}
