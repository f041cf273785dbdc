using System.Globalization;
using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What deciding a past again costs in requests and in request units; docs/guides/try-new-rules.md has the figures.</summary>
public sealed class WhatIfRequestTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private double charge;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_category_is_two_queries_across_partitions_and_then_two_queries_per_stream()
    {
        account.SkipUnlessRequestsAreSeen();
        StreamName[] streams = await WriteAsync(streams: 20, commits: 5);
        WhatIf whatIf = await WarmAsync();

        (WhatIfPage one, CosmosRequestKind[] ofOne, double chargeOfOne) = await PageAsync(whatIf, new WhatIfQuery { Category = "counter", Stream = streams[7] });
        (WhatIfPage all, CosmosRequestKind[] ofAll, double chargeOfAll) = await PageAsync(whatIf, new WhatIfQuery { Category = "counter" });

        Assert.Equal((1, 5, 1), (one.Streams, one.Commits, one.Refused));
        Assert.Equal([Query, Query], ofOne);
        Assert.Equal((20, 100, 20), (all.Streams, all.Commits, all.Refused));
        Assert.Equal(2, ofAll.Count(r => r == QueryPlan));
        int partitions = (await account.Container(ContainerNames.Events).GetFeedRangesAsync(Token)).Count;
        Assert.Equal(40 + 2 * partitions, ofAll.Count(r => r == Query));
        Assert.Equal(42 + 2 * partitions, ofAll.Length);
        if (account.IsEmulator)
        {
            Assert.Equal(5.41, Math.Round(chargeOfOne, 2));
            Assert.InRange(chargeOfAll - 20 * chargeOfOne, 5, 17); // 16.68 with three partitions.
        }
    }

    private async Task<(WhatIfPage Page, CosmosRequestKind[] Requests, double Charge)> PageAsync(WhatIf whatIf, WhatIfQuery query)
    {
        WhatIfPage? page = null;
        charge = 0;
        CosmosRequestKind[] requests = await account.Requests.OfAsync(async () => page = await whatIf.ReadPageAsync(query, new WhatIfLimits(), null, Token));
        return (page!, requests, charge);
    }

    private async Task<StreamName[]> WriteAsync(int streams, int commits)
    {
        using RefusedCommandRecorder recorder = new(
            new CosmosRefusedCommandStore(account.Container(ContainerNames.Refused)), new RefusedCommandOptions(), TimeProvider.System,
            (_, fault) => Assert.Fail(fault.ToString()));
        var handler = Counter.Handler(account.Events, recorder);
        StreamName[] written = [.. Enumerable.Range(0, streams).Select(_ => Counter.NewStream())];
        foreach (StreamName stream in written)
        {
            await handler.ExecuteAsync(stream, new Count(-1), Counter.FreshId(), Token);
            for (int i = 0; i < commits; i++)
            {
                await handler.ExecuteAsync(stream, new Count(1), Counter.FreshId(), Token);
            }
        }
        return written;
    }

    /// <summary>A client that knows its containers.</summary>
    private async Task<WhatIf> WarmAsync()
    {
        Microsoft.Azure.Cosmos.CosmosClient client = account.NewClient(new ChargeHandler(c => charge += c));
        Microsoft.Azure.Cosmos.Container events = client.GetContainer(account.Settings.Database, ContainerNames.Events);
        Microsoft.Azure.Cosmos.Container refused = client.GetContainer(account.Settings.Database, ContainerNames.Refused);
        WhatIf whatIf = new(
            new BoundedContext().Add(Counter.Aggregate).Bind(new CosmosEventStore(events), TimeProvider.System, new CommandHandlerOptions()),
            new CosmosCommitLog(events), new CosmosRefusedCommandStore(refused), TimeProvider.System);
        await whatIf.ReadPageAsync(new WhatIfQuery { Category = "counter", To = DateTimeOffset.UnixEpoch }, new WhatIfLimits(), null, Token);
        return whatIf;
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
