using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing.Tests;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>An outage is a line a minute, and its reason is one that a person can read.</summary>
public sealed class FaultLogTests(OnePartition account) : IClassFixture<OnePartition>
{
    private readonly RecordedLog<FaultLog> log = new();
    private readonly Clock time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outage_is_one_line_a_minute_without_diagnostics()
    {
        Container events = Events(HttpStatusCode.InternalServerError);

        await ReadAsync(events);
        await ReadAsync(events);
        await ReadAsync(events);
        time.Timestamp += TimeProvider.System.TimestampFrequency * 60;
        await ReadAsync(events);

        string[] lines = [.. log.Entries.Where(e => e.Level == LogLevel.Warning).Select(e => e.Message)];
        Assert.Equal(
            [
                "Cosmos DB answered 500/7 to GET on events after 0 ms",
                "Cosmos DB answered 500/7 to GET on events after 0 ms (2 similar messages left out)",
            ],
            lines);
    }

    [Fact]
    public async Task An_answer_that_is_no_fault_is_not_logged()
    {
        await ReadAsync(Events(HttpStatusCode.BadRequest));

        Assert.Empty(log.Entries);
    }

    [Fact]
    public async Task A_fault_is_described_by_status_operation_container_and_duration()
    {
        StreamHead start = StreamHead.StartOf(Counter.NewStream());
        CosmosEventStore store = new(Events(HttpStatusCode.InternalServerError));

        CosmosException e = await Assert.ThrowsAsync<CosmosException>(
            () => store.AppendAsync(start, TestCommits.At(start.Stream, start.Version + 1), Token));

        Assert.Matches(
            "^Cosmos DB answered 500 InternalServerError/7 to POST on 'events' after [0-9]+ ms$", new CosmosStoreFaults().Describe(e));
    }

    private Container Events(HttpStatusCode status)
    {
        account.SkipUnlessRequestsAreSeen();
        return account
            .NewClient(new FaultHandler(_ => new Fault.Instead(FaultHandler.Answer(status, subStatus: 7))), new FaultLog(log, time))
            .GetContainer(account.Settings.Database, ContainerNames.Events);
    }

    private static async Task ReadAsync(Container container) =>
        (await container.ReadItemStreamAsync("1", new PartitionKey("a"), cancellationToken: Token)).Dispose();

    private sealed class Clock : TimeProvider
    {
        public long Timestamp { get; set; }

        public override long GetTimestamp() => Timestamp;
    }
}
