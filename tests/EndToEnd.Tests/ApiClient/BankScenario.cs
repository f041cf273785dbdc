// Compiled by the test together with the generated client, not by this project: what stands here is what a user of that client writes.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Generated;

public static class BankScenario
{
    public static async Task RunAsync(HttpClient http, bool wantsKeys, CancellationToken cancellationToken)
    {
        BankClient bank = new(http);
        string id = Guid.NewGuid().ToString("N");

        AccountCommandAnswer opened = await bank.AccountOpenAsync(id, new OpenAccount { Owner = $"owner-{id}", Currency = "EUR" }, cancellationToken: cancellationToken);
        Assert.Equal(1, opened.Version);
        AccountEventAnswer first = Assert.Single(opened.Events);
        Assert.Equal(("account.opened", 1), (first.Type, first.SchemaVersion));
        Assert.Equal("EUR", first.Data.AdditionalProperties["currency"]);

        DepositMoney deposit = new() { Amount = new Money { MinorUnits = 1250, Currency = "EUR" } };
        AccountCommandAnswer paid = await bank.AccountDepositAsync(id, deposit, idempotency_Key: "gift-1", cancellationToken: cancellationToken);
        AccountCommandAnswer again = await bank.AccountDepositAsync(id, deposit, idempotency_Key: "gift-1", cancellationToken: cancellationToken);
        Assert.Equal((2L, false, 2L, true), (paid.Version, paid.Repeated, again.Version, again.Repeated));

        AccountSummaryViewAnswer summary = await SeenAsync(
            token => bank.GetAccountSummaryViewAsync(id, seen: paid.Token, cancellationToken: token), cancellationToken);
        Assert.Equal((id, AccountStatus.Open, 1250L, "EUR"), (summary.Key, summary.Data.Status, summary.Data.Balance.MinorUnits, summary.Data.Balance.Currency));
        Assert.Equal(2, summary.Seen!["account-" + id]);
        Assert.Null(summary.Data.ClosedAt);

        AccountStatementEntriesAnswer statement = await SeenAsync(
            token => bank.ListAccountStatementEntriesAsync(id, seen: paid.Token, order: Order.Oldest, cancellationToken: token), cancellationToken);
        Assert.Equal((StatementEntryKind.Deposit, 1250L), statement.Entries.Select(e => (e.Data.Kind, e.Data.Balance.MinorUnits)).Single());

        AccountStateAnswer state = await bank.GetAccountStateAsync(id, cancellationToken: cancellationToken);
        Assert.Equal((2L, 1250L, null), (state.Version, state.State.Balance.MinorUnits, state.State.FreezeReason));
        AccountEventsAnswer events = await bank.ListAccountEventsAsync(id, from: 2, cancellationToken: cancellationToken);
        Assert.Equal(["account.money-deposited"], events.Events.Select(e => e.Type));

        await RefusedAsync(bank, id, cancellationToken);
        if (wantsKeys)
        {
            // This key has no right to manage.
            ApiException forbidden = await Assert.ThrowsAnyAsync<ApiException>(() => bank.ListConsumersAsync(cancellationToken));
            Assert.Equal(403, forbidden.StatusCode);
        }
        await LaterAsync(bank, id, cancellationToken);
        Assert.Equal("healthy", (await bank.GetHealthAsync(cancellationToken)).Status);
    }

    private static async Task RefusedAsync(BankClient bank, string id, CancellationToken cancellationToken)
    {
        ApiException<ProblemDocument> refused = await Assert.ThrowsAsync<ApiException<ProblemDocument>>(() => bank.AccountWithdrawAsync(
            id, new WithdrawMoney { Amount = new Money { MinorUnits = 9900, Currency = "EUR" } }, cancellationToken: cancellationToken));
        Assert.Equal((422, "insufficient-funds", "/api/docs/errors/command-rejected"), (refused.StatusCode, refused.Result.Code, refused.Result.Type));

        ApiException<ProblemDocument> invalid = await Assert.ThrowsAsync<ApiException<ProblemDocument>>(() => bank.AccountDepositAsync(
            id, new DepositMoney { Amount = new Money { MinorUnits = -1, Currency = "EUR" } }, cancellationToken: cancellationToken));
        Assert.Equal("$.amount.minorUnits", Assert.Single(invalid.Result.Errors!).Path);

        ApiException<ProblemDocument> stale = await Assert.ThrowsAsync<ApiException<ProblemDocument>>(() => bank.AccountFreezeAsync(
            id, new FreezeAccount { Reason = "A test." }, if_Match: "\"1\"", cancellationToken: cancellationToken));
        Assert.Equal((412, 2L), (stale.StatusCode, stale.Result.Version));

        ApiException<ProblemDocument> unknown = await Assert.ThrowsAsync<ApiException<ProblemDocument>>(
            () => bank.GetAccountStateAsync($"no-{id}", cancellationToken: cancellationToken));
        Assert.Equal((404, "unknown-stream"), (unknown.StatusCode, unknown.Result.Code));
    }

    private static async Task LaterAsync(BankClient bank, string id, CancellationToken cancellationToken)
    {
        // The client takes a 202 for an exception with a result, since its type is not that of a 200.
        ApiException<AccountInboxAnswer> taken = await Assert.ThrowsAsync<ApiException<AccountInboxAnswer>>(() => bank.AccountCloseAsync(
            id, body: new CloseAccount { Cause = ClosureCause.CustomerRequest }, idempotency_Key: "later-1", prefer: "respond-async", cancellationToken: cancellationToken));
        Assert.Equal((202, "later-1"), (taken.StatusCode, taken.Result.CommandId));

        AccountInboxAnswer status = taken.Result;
        using CancellationTokenSource limited = Limited(cancellationToken);
        while (status.Status == "pending")
        {
            await Task.Delay(20, limited.Token); // Nothing tells of an outcome, so it is asked for.
            status = await bank.GetAccountCommandStatusAsync(id, "later-1", limited.Token);
        }
        Assert.Equal(("rejected", "balance-not-zero", 2L), (status.Status, status.Code, status.Version));
    }

    /// <summary>A view is waited for by the service. On a busy machine it can still be behind: a 202, which the client takes for an exception.</summary>
    private static async Task<T> SeenAsync<T>(Func<CancellationToken, Task<T>> query, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limited = Limited(cancellationToken);
        while (true)
        {
            try
            {
                return await query(limited.Token);
            }
            catch (ApiException<ProblemDocument> behind) when (behind.StatusCode == 202)
            {
                Assert.Equal("view-behind", behind.Result.Code);
            }
        }
    }

    /// <summary>The limit only turns a test that would hang into one that fails.</summary>
    private static CancellationTokenSource Limited(CancellationToken cancellationToken)
    {
        CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(TimeSpan.FromSeconds(90));
        return limited;
    }
}
