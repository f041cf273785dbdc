using System.Text.Json;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.EndToEnd.Tests.Scale;

/// <summary>
/// What a command and a projected event cost does not depend on how many streams there are, nor on how many physical partitions they
/// lie on: the requests are the same, and their charges to the hundredth. docs/scale.md has the same for a million streams.
/// </summary>
public sealed class ScaleTests
{
    private const int SampleSize = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Costs_are_the_same_with_100_streams_on_1_partition_and_with_2000_on_8_that_are_split()
    {
        await using ScaledBank small = await ScaledBank.StartAsync(streams: 100, partitions: 1, Token);
        await using ScaledBank large = await ScaledBank.StartAsync(streams: 2_000, partitions: 8, Token);

        Assert.Equal(await CostsAsync(small), await CostsAsync(large));
        await ViewsAgreeAsync(small);
        await ViewsAgreeAsync(large);

        await large.SplitAsync(ContainerNames.Events);
        await large.SplitAsync(ContainerNames.Views);
        // What the client finds out about the split it finds out here, once. Both do the same, since longer streams cost more to read.
        await CostsAsync(small);
        await CostsAsync(large);
        Assert.Equal(await CostsAsync(small), await CostsAsync(large));
        await ViewsAgreeAsync(large);
    }

    [Fact]
    public async Task A_command_and_a_projected_event_cost_what_the_design_says()
    {
        await using ScaledBank bank = await ScaledBank.StartAsync(streams: 100, partitions: 4, Token);

        Assert.Equal(
            [
                "command on a new stream: 40 requests",
                "cold command: 40 requests",
                "warm command: 20 requests",
                "account-summary, 1 at a time, remembered: 20 requests",
                "account-summary, 1 at a time, read: 40 requests",
                "account-summary, 20 at a time, remembered: 20 requests",
                "account-summary, 20 at a time, read: 40 requests",
                "customer-portfolio, 1 at a time, remembered: 20 requests",
                "customer-portfolio, 1 at a time, read: 60 requests",
                "customer-portfolio, 20 at a time, remembered: 20 requests",
                "customer-portfolio, 20 at a time, read: 60 requests",
                "account-statement, 1 at a time, remembered: 20 requests",
                "account-statement, 1 at a time, read: 40 requests",
                "account-statement, 20 at a time, remembered: 20 requests",
                "account-statement, 20 at a time, read: 40 requests",
                "bank-totals, 1 at a time, remembered: 20 requests",
                "bank-totals, 1 at a time, read: 60 requests",
                "bank-totals, 20 at a time, remembered: 1 requests",
                "bank-totals, 20 at a time, read: 3 requests",
            ],
            (await CostsAsync(bank)).Select(c => c[..c.IndexOf(',', c.IndexOf(':', StringComparison.Ordinal))]));
    }

    /// <summary>Every kind of command and of projected event, twenty of each, one line each.</summary>
    private static async Task<string[]> CostsAsync(ScaledBank bank)
    {
        StreamName[] streams = bank.Sample(SampleSize);
        var newcomer = bank.NewHandler();
        var warm = bank.NewHandler();
        List<string> costs =
        [
            "command on a new stream: " + await bank.CostAsync(async () =>
            {
                for (int i = 0; i < SampleSize; i++)
                {
                    await bank.OpenAsync(newcomer);
                }
            }),
            "cold command: " + await bank.CostAsync(() => bank.DepositAsync(warm, streams)),
            "warm command: " + await bank.CostAsync(() => bank.DepositAsync(warm, streams)),
        ];
        foreach (IProjection projection in ScaledBank.Projections)
        {
            foreach (int batch in (int[])[1, SampleSize])
            {
                foreach (bool remembers in (bool[])[true, false])
                {
                    Projector before = bank.NewProjector();
                    await before.ApplyAsync(projection, await bank.DepositAsync(warm, streams), Token); // Brings the view up to date.
                    Commit[] commits = await bank.DepositAsync(warm, streams);
                    Projector projector = remembers ? before : bank.NewProjector(remembers: false);
                    costs.Add($"{projection.Name}, {batch} at a time, {(remembers ? "remembered" : "read")}: " + await bank.CostAsync(async () =>
                    {
                        foreach (Commit[] some in commits.Chunk(batch))
                        {
                            Assert.Equal(some.Length, (await projector.ApplyAsync(projection, some, Token)).Events);
                        }
                    }));
                }
            }
        }
        return [.. costs];
    }

    /// <summary>Every view of the sample against a fold of its streams, and the totals against all that was paid in: nothing lost, nothing twice.</summary>
    private static async Task ViewsAgreeAsync(ScaledBank bank)
    {
        StreamName[] streams = bank.Sample(SampleSize);
        // The last commit of each stream brings those before it that a view was not given yet.
        Commit[] last = await bank.DepositAsync(bank.NewHandler(), streams);
        foreach (IProjection projection in ScaledBank.Projections)
        {
            await bank.NewProjector().ApplyAsync(projection, last, Token);
        }
        long deposits = 0;
        foreach (StreamName stream in streams)
        {
            (string owner, long balance, long count) = await bank.FoldAsync(stream);
            deposits += count;
            Assert.Equal(balance, MinorUnits(await bank.ViewAsync(AccountSummaryView.Projection, stream.Id)));
            JsonElement statement = await bank.ViewAsync(AccountStatementView.Projection, stream.Id);
            Assert.Equal((balance, count), (MinorUnits(statement.GetProperty("header")), statement.GetProperty("entries").GetInt64()));
            JsonElement portfolio = await bank.ViewAsync(CustomerPortfolioView.Projection, owner);
            Assert.Equal(balance, MinorUnits(portfolio.GetProperty("accounts")[0]));
        }
        JsonElement totals = await bank.ViewAsync(BankTotalsView.Projection, "2026-11-23.EUR");
        Assert.Equal(
            (bank.Streams, deposits), (totals.GetProperty("accountsOpened").GetInt64(), totals.GetProperty("deposits").GetInt64()));
    }

    private static long MinorUnits(JsonElement holder) => holder.GetProperty("balance").GetProperty("minorUnits").GetInt64();
}
