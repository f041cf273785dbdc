using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IActionStore"/> as a test. Inherit it in a test project and return the store; it may be shared and
/// hold records of other consumers.
/// </summary>
public abstract class ActionStoreContract
{
    private readonly string consumer = $"contract-{NewId()}@1";

    protected abstract IActionStore Store { get; }

    [Fact]
    public async Task A_consumer_that_nobody_touched_has_no_records() =>
        Assert.Empty((await Store.ListAsync(consumer, 10, null, Token)).Items);

    [Fact]
    public async Task A_record_is_read_back_unchanged()
    {
        OperatorAction full = Action(0) with
        {
            Stream = "account-1",
            Version = 7,
            Reason = "gespräch: \"é\" 🦊",
            CompletedAt = Noon.AddSeconds(1),
            Outcome = "caught-up",
            Detail = "2 events",
        };

        await Store.WriteAsync(full, Token);
        await Store.WriteAsync(Action(1), Token);

        Assert.Equal([Action(1), full], (await Store.ListAsync(consumer, 10, null, Token)).Items);
    }

    [Fact]
    public async Task A_record_is_completed_in_its_place()
    {
        await Store.WriteAsync(Action(0), Token);
        await Store.WriteAsync(Action(1), Token);
        OperatorAction completed = Action(0) with { CompletedAt = Noon.AddMinutes(1), Outcome = "failed" };

        await Store.WriteAsync(completed, Token);

        Assert.Equal([Action(1), completed], (await Store.ListAsync(consumer, 10, null, Token)).Items);
    }

    [Fact]
    public async Task Pages_go_from_the_newest_to_the_oldest_without_loss_or_repetition()
    {
        for (int n = 0; n < 7; n++)
        {
            await Store.WriteAsync(Action(n), Token);
        }
        List<OperatorAction> read = [];
        string? continuation = null;
        do
        {
            ActionPage page = await Store.ListAsync(consumer, 3, continuation, Token);
            read.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(Action), read);
    }

    [Fact]
    public async Task Those_of_all_consumers_are_listed_together_newest_first()
    {
        // Behind every other record that the store may hold.
        OperatorAction[] mine = [.. Enumerable.Range(0, 5).Select(n => Action(n) with { Id = $"~{NewId()}-{n}", Consumer = $"{consumer}{n % 2}" })];
        foreach (OperatorAction action in mine)
        {
            await Store.WriteAsync(action, Token);
        }
        List<OperatorAction> read = [];
        string? continuation = null;
        do
        {
            ActionPage page = await Store.ListAsync(consumer: null, 2, continuation, Token);
            read.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(mine.OrderByDescending(a => a.Id, StringComparer.Ordinal), read.Where(a => a.Consumer.StartsWith(consumer, StringComparison.Ordinal)));
        Assert.Equal(read.Select(a => a.Id).OrderDescending(StringComparer.Ordinal), read.Select(a => a.Id));
    }

    [Fact]
    public async Task A_continuation_of_another_consumer_is_refused()
    {
        await Store.WriteAsync(Action(0), Token);
        await Store.WriteAsync(Action(1), Token);
        string? continuation = (await Store.ListAsync(consumer, 1, null, Token)).Continuation;

        await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ListAsync("another@1", 1, continuation, Token));
        await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ListAsync(consumer, 1, "nonsense", Token));
    }

    private OperatorAction Action(int n) => new()
    {
        Id = $"{n:D4}",
        Consumer = consumer,
        Kind = "retry",
        Actor = "user:aad:1",
        ActorName = "Zoë 🦊",
        StartedAt = Noon.AddSeconds(n),
    };
}
