using CsCheck;
using Serverless.EventSourcing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests.Transfers;

public sealed class TransferProcessTests
{
    private readonly TransferWorld world = new();

    [Fact]
    public async Task Money_goes_from_one_account_to_the_other()
    {
        await world.OpenAsync("a", 1_000);
        await world.OpenAsync("b");

        await world.TransferAsync("t", "a", "b", 400);
        await world.SettleAsync();

        Assert.Equal(TransferStatus.Completed, (await world.TransferAsync("t")).Status);
        Assert.Equal(Euros(600), (await world.AccountAsync("a")).Balance);
        Assert.Equal(Euros(400), (await world.AccountAsync("b")).Balance);
        Assert.Empty((await world.AccountAsync("a")).OutgoingTransfers);
    }

    [Fact]
    public async Task Without_funds_nothing_moves_and_the_reason_is_kept()
    {
        await world.OpenAsync("a", 100);
        await world.OpenAsync("b");

        await world.TransferAsync("t", "a", "b", 400);
        await world.SettleAsync();

        TransferState transfer = await world.TransferAsync("t");
        Assert.Equal((TransferStatus.Refused, "insufficient-funds"), (transfer.Status, transfer.RefusedBecause));
        Assert.Equal(Euros(100), (await world.AccountAsync("a")).Balance);
        Assert.Equal(Euros(0), (await world.AccountAsync("b")).Balance);
    }

    [Theory]
    [InlineData("closed", "account-closed")]
    [InlineData("frozen", "account-frozen")]
    [InlineData("missing", "account-not-open")]
    public async Task Money_that_the_target_does_not_take_goes_back(string target, string reason)
    {
        await world.OpenAsync("a", 1_000);
        await world.OpenAsync("closed");
        await world.AccountAsync("closed", new CloseAccount());
        await world.OpenAsync("frozen");
        await world.AccountAsync("frozen", new FreezeAccount("fraud"));

        await world.TransferAsync("t", "a", target, 400);
        await world.SettleAsync();

        TransferState transfer = await world.TransferAsync("t");
        Assert.Equal((TransferStatus.Refunded, reason), (transfer.Status, transfer.RefusedBecause));
        Assert.Equal(Euros(1_000), (await world.AccountAsync("a")).Balance);
        Assert.Empty((await world.Parked.ListAsync("transfer-process@1", 10, null, TestContext.Current.CancellationToken)).Items);
    }

    [Fact]
    public async Task Money_comes_back_even_to_an_account_that_was_frozen_meanwhile()
    {
        await world.OpenAsync("a", 1_000);
        await world.TransferAsync("t", "a", "missing", 400);
        await world.DeliverAsync(world.Written[^1]);

        await world.AccountAsync("a", new FreezeAccount("fraud"));
        await world.SettleAsync();

        Assert.Equal(Euros(1_000), (await world.AccountAsync("a")).Balance);
    }

    [Fact]
    public async Task An_account_does_not_close_while_a_transfer_from_it_is_under_way()
    {
        await world.OpenAsync("a", 400);
        await world.OpenAsync("b");
        await world.TransferAsync("t", "a", "b", 400);
        await world.DeliverAsync(world.Written[^1]);

        CommandOutcome early = await world.AccountAsync("a", new CloseAccount());
        await world.SettleAsync();
        CommandOutcome late = await world.AccountAsync("a", new CloseAccount());

        Assert.Equal("transfers-under-way", Assert.IsType<CommandOutcome.Rejected>(early).Reason.Code);
        Assert.IsType<CommandOutcome.Accepted>(late);
    }

    [Fact]
    public async Task Steps_carry_the_conversation_and_the_event_that_caused_them()
    {
        await world.OpenAsync("a", 1_000);
        await world.OpenAsync("b");
        await world.TransferAsync("t", "a", "b", 400);
        string correlation = world.Written[^1].Metadata.CorrelationId;
        int before = world.Written.Count;

        await world.SettleAsync();

        Commit[] steps = [.. world.Written.Skip(before)];
        Assert.Equal(6, steps.Length);
        Assert.All(steps, s => Assert.Equal((correlation, "process:transfer-process"), (s.Metadata.CorrelationId, s.Metadata.Actor)));
        Assert.Equal(
            ["transfer-t/1", "account-a/3", "transfer-t/2", "account-b/2", "transfer-t/3", "account-a/4"],
            steps.Select(s => s.Metadata.CausationId));
    }

    /// <summary>
    /// Random transfers between accounts that freeze, thaw and close, delivered in random order with repetitions; the money is counted
    /// after every delivery.
    /// </summary>
    [Fact]
    public async Task Money_is_conserved_at_every_moment_and_every_transfer_ends() => await Gen.Select(
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Long[1, 600]).List[1, 8],
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2]).List[0, 6],
        Gen.Int[0, int.MaxValue]).SampleAsync(async (transfers, changes, order) =>
    {
        TransferWorld bank = new();
        for (int i = 0; i < 4; i++)
        {
            await bank.OpenAsync($"{i}", 1_000);
        }
        for (int i = 0; i < transfers.Count; i++)
        {
            (int from, int to, long cents) = transfers[i];
            await bank.TransferAsync($"t{i}", $"{from}", from == to ? "missing" : $"{to}", cents);
        }
        Random random = new(order);
        for (int i = 0; i < 20; i++)
        {
            await bank.DeliverAsync(bank.Written[random.Next(bank.Written.Count)]);
            Assert.Equal(4_000, bank.Money());
            if (i < changes.Count)
            {
                (int account, int change) = changes[i];
                AccountCommand command = change switch
                {
                    0 => new FreezeAccount("fraud"),
                    1 => new UnfreezeAccount(),
                    _ => new CloseAccount(),
                };
                await bank.AccountAsync($"{account}", command);
            }
        }
        await bank.SettleAsync();
        await bank.DeliverAsync([.. bank.Written.Reverse()]);

        Assert.Equal(4_000, bank.Money());
        for (int i = 0; i < transfers.Count; i++)
        {
            TransferStatus status = (await bank.TransferAsync($"t{i}")).Status;
            Assert.True(status is TransferStatus.Completed or TransferStatus.Refused or TransferStatus.Refunded, $"t{i} ended as {status}.");
        }
        Assert.Empty((await bank.Parked.ListAsync("transfer-process@1", 10, null, TestContext.Current.CancellationToken)).Items);
    }, iter: 200);
}
