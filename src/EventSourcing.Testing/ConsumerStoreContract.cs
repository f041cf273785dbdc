using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IConsumerStore"/> as a test. Inherit it in a test project and return the store; it may be shared and
/// hold records of other consumers.
/// </summary>
public abstract class ConsumerStoreContract
{
    private readonly string consumer = $"contract-{NewId()}@1";

    protected abstract IConsumerStore Store { get; }

    [Fact]
    public async Task A_consumer_that_never_ran_has_no_record() => Assert.Null(await Store.ReadAsync(consumer, Token));

    [Fact]
    public async Task A_record_is_read_back_unchanged()
    {
        ConsumerRecord full = new()
        {
            Consumer = consumer,
            Counts = new ConsumerCounts { Commits = 1, Events = 2, LostRaces = 3, Failures = 4, Parked = 5, Retries = 6, Unparked = 7, Audited = 8, Healed = 9 },
            LastProgressAt = Noon,
            LastAuditAt = Noon.AddMinutes(1),
            LastHealedAt = Noon.AddMinutes(2),
            Ranges = new Dictionary<string, RangeProgress> { ["0"] = new("\"17\"", Noon), ["1"] = new(null, Noon) },
            Faults = new Dictionary<string, FeedFault> { ["account-é/3"] = new("JsonException: \"🦊\"", IsStop: true, Noon, Noon.AddSeconds(1)) },
        };

        Assert.True(await Store.TryWriteAsync(full, Token));

        ConsumerRecord read = (await Store.ReadAsync(consumer, Token))!;
        Assert.False(string.IsNullOrEmpty(read.ETag));
        Assert.Equal(full.Ranges.OrderBy(r => r.Key), read.Ranges.OrderBy(r => r.Key));
        Assert.Equal(full.Faults, read.Faults);
        Assert.Equal(full, read with { ETag = null, Ranges = full.Ranges, Faults = full.Faults });
    }

    [Fact]
    public async Task A_new_record_does_not_replace_one_that_is_there()
    {
        Assert.True(await Store.TryWriteAsync(Record(1), Token));

        Assert.False(await Store.TryWriteAsync(Record(2), Token));
        Assert.Equal(1, (await Store.ReadAsync(consumer, Token))?.Counts.Events);
    }

    [Fact]
    public async Task A_record_is_replaced_only_while_it_is_unchanged()
    {
        await Store.TryWriteAsync(Record(1), Token);
        ConsumerRecord first = (await Store.ReadAsync(consumer, Token))!;

        Assert.True(await Store.TryWriteAsync(first with { Counts = first.Counts with { Events = 2 } }, Token));
        Assert.False(await Store.TryWriteAsync(first with { Counts = first.Counts with { Events = 3 } }, Token));
        Assert.Equal(2, (await Store.ReadAsync(consumer, Token))?.Counts.Events);
    }

    private ConsumerRecord Record(long events) => new() { Consumer = consumer, Counts = new ConsumerCounts { Events = events } };
}
