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
        Assert.SkipUnless(account.IsEmulator, "Other classes write streams of the same category into a shared database.");
        StreamName[] streams = await WriteAsync(streams: 20, commits: 5);
        WhatIf whatIf = await WarmAsync();

        (WhatIfPage one, CosmosRequestKind[] ofOne, double chargeOfOne) = await PageAsync(whatIf, new WhatIfQuery { Category = "counter", Stream = streams[7] });
        (WhatIfPage all, CosmosRequestKind[] ofAll, double chargeOfAll) = await PageAsync(whatIf, new WhatIfQuery { Category = "counter" });

        Assert.Equal((1, 5, 1), (one.Streams, one.Commits, one.Refused));
        Assert.Equal([Query, Query], ofOne);
        Assert.True(all is { Streams: >= 20, Commits: >= 100, Refused: >= 20, Continuation: null }); // Another test may have been here.
        Assert.Equal(2, ofAll.Count(r => r == QueryPlan));
        int partitions = (await account.Container(ContainerNames.Events).GetFeedRangesAsync(Token)).Count;
        Assert.Equal(2 * all.Streams + 2 * partitions, ofAll.Count(r => r == Query));
        Assert.Equal(2 * all.Streams + 2 * partitions + 2, ofAll.Length);
        Assert.Equal(5.44, Math.Round(chargeOfOne, 2));
        Assert.InRange(chargeOfAll - all.Streams * chargeOfOne, 5, 17); // 16.68 with three partitions.
    }

    [Fact]
    public async Task What_one_registration_decided_another_one_decides_otherwise_over_the_same_store()
    {
        StreamName stream = (await WriteAsync(streams: 1, commits: 2))[0];
        WhatIf whatIf = await WarmAsync(Counter.Aggregate.WithRules("2", (command, _) => command is Count { By: < 0 } c
            ? Decision<CounterEvent, CounterRejection>.Accept(new Counted(c.By))
            : Decision<CounterEvent, CounterRejection>.Reject(CounterRejection.Negative)));

        List<string> found = [];
        string? continuation = null;
        do
        {
            WhatIfPage page = await whatIf.ReadPageAsync(
                new WhatIfQuery { Category = "counter", Stream = stream }, new WhatIfLimits { MaxDecisions = 1 }, continuation, Token);
            found.AddRange(page.Different.Select(d => $"{d.Past.Version} {d.Verdict} {d.Today.GetType().Name}"));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(["0 NowAccepted Accepted", "0 NowRejected Rejected", "1 NowRejected Rejected"], found);
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
            new CosmosRefusedCommandStore(account.Container(ContainerNames.Refused)), new RefusedCommandOptions { Patience = TimeSpan.FromMinutes(1) },
            TimeProvider.System, (_, fault) => Assert.Fail(fault.ToString()));
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
    private async Task<WhatIf> WarmAsync(Aggregate<CounterCommand, CounterState, CounterEvent, CounterRejection>? aggregate = null)
    {
        Microsoft.Azure.Cosmos.CosmosClient client = account.NewClient(new ChargeHandler(c => charge += c));
        Microsoft.Azure.Cosmos.Container events = client.GetContainer(account.Settings.Database, ContainerNames.Events);
        Microsoft.Azure.Cosmos.Container refused = client.GetContainer(account.Settings.Database, ContainerNames.Refused);
        WhatIf whatIf = new(
            new BoundedContext().Add(aggregate ?? Counter.Aggregate).Bind(new CosmosEventStore(events), TimeProvider.System, new CommandHandlerOptions()),
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
