using System.Globalization;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Benchmarks;

/// <summary>What is asked of a whole system rather than of one stream or one key, and what that costs.</summary>
internal sealed class ScaleQuestions(ScaleSystem system)
{
    private const int PageSize = 50;
    private const int StorePage = 1_000;
    private const string Consumer = "account-summary@1";

    private readonly CosmosConsumerFeeds feeds = new(
        system.Bench.Events, system.Bench.Database.GetContainer(ContainerNames.Commands), system.Bench.Database.GetContainer(ContainerNames.Leases));

    private readonly CosmosCommitLog log = new(system.Bench.Events);

    public static void PrintHeader()
    {
        Console.WriteLine("| streams | partitions | question | requests | request units | ms |");
        Console.WriteLine("| ---: | ---: | --- | ---: | ---: | ---: |");
    }

    public async Task RunAsync()
    {
        var view = AccountSummaryView.Projection;
        StreamName stream = system.Sample(1, offset: 2)[0];
        ViewPartition partition = new(view.Name, view.Version, stream.Id);
        ViewQuery list = new(view.Name, view.Version, ViewKind.View, Key: null, NewestFirst: false, PageSize, Continuation: null);
        await AskAsync("a view by its key", () => system.Bench.Views.ReadAsync(partition, [ViewDocument.SingleId], CancellationToken.None));
        await AskAsync("the events of a stream", () => TakeAsync(system.Bench.Store.ReadAsync(stream, 1, CancellationToken.None), PageSize));
        await AskAsync($"the first {PageSize} views of a projection", () => system.Bench.Views.ListAsync(list, CancellationToken.None));
        await AskAsync("the first 200 streams of a category", () => TakeAsync(log.ReadStreamsAsync(AccountAggregate.Category, after: null, CancellationToken.None), 200));
        await AskAsync("a conversation of one commit", () => log.ReadConversationAsync($"open{0:D28}", limit: 100, CancellationToken.None));
        await AskAsync("the positions of a consumer", () => feeds.ReadPositionsAsync(Consumer, CancellationToken.None));
        await AskAsync("the lag of a consumer", () => feeds.ReadLagAsync(Consumer, CancellationToken.None));
        await AskAsync($"all commits in pages of {StorePage:N0}", ReadAllAsync);
    }

    private async Task ReadAllAsync()
    {
        string? continuation = null;
        do
        {
            continuation = (await log.ReadPageAsync(stream: null, continuation, StorePage, CancellationToken.None)).Continuation;
        }
        while (continuation is not null);
    }

    private static async Task TakeAsync<T>(IAsyncEnumerable<T> items, int count)
    {
        await foreach (T _ in items)
        {
            if (--count == 0)
            {
                break;
            }
        }
    }

    /// <summary>Asked twice: what a client learns once, such as where the partitions are, is not counted.</summary>
    private async Task AskAsync(string question, Func<Task> ask)
    {
        await ask();
        Cost cost = await system.Traffic.MeasureAsync(ask);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {system.Name} | {question} | {cost.Traffic.Requests + cost.Traffic.LeaseRequests + cost.Traffic.Metadata:N0} | {cost.Traffic.RequestUnits + cost.Traffic.LeaseUnits:N2} | {cost.Elapsed.TotalMilliseconds:N0} |"));
    }
}
