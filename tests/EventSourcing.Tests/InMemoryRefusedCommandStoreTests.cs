using Microsoft.Extensions.Time.Testing;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class InMemoryRefusedCommandStoreTests : RefusedCommandStoreContract
{
    private readonly FakeTimeProvider time = new();

    public InMemoryRefusedCommandStoreTests() => Store = new InMemoryRefusedCommandStore(time);

    protected override IRefusedCommandStore Store { get; }

    [Fact]
    public async Task A_record_is_gone_when_its_time_is_over_and_may_then_be_made_again()
    {
        RefusedCommand command = new()
        {
            Stream = Purse.Stream("1"),
            Version = 0,
            Reason = Purse.NotEnough,
            Metadata = new() { CommandId = "1", CommandType = "take", PolicyVersion = "1", Actor = "test", CorrelationId = "1", Timestamp = time.GetUtcNow() },
        };
        await Store.TryRecordAsync(command, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);

        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Single(await Store.ReadAsync(command.Stream, null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await Store.ReadAsync(command.Stream, null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.True((await Store.TryRecordAsync(command, TimeSpan.FromHours(1), TestContext.Current.CancellationToken)).IsRecorded);
    }
}
