using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serverless.EventSourcing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

/// <summary>
/// What was ever stored, one file per version at least. A failing test here means: stored data would be written or read differently.
/// Raise the version of the shape, add an upcaster, and add a file; never edit a released one. Old events: <see cref="StoredShapesTests"/>.
/// </summary>
public sealed class GoldenFileTests
{
    private static readonly AccountEvent[] Events =
    [
        new AccountOpened(Alice, Euro),
        new MoneyDeposited(Euros(1250)),
        new MoneyWithdrawn(Euros(1250)),
        new OverdraftLimitChanged(Euros(50_000)),
        new AccountFrozen("court order 17/26"),
        new AccountUnfrozen(),
        new AccountClosed(ClosureCause.BankDecision),
        new OutgoingTransferDebited(Rent, Euros(1250)),
        new OutgoingTransferRefused(Rent, Euros(1250), "insufficient-funds"),
        new OutgoingTransferSettled(Rent),
        new OutgoingTransferRefunded(Rent, Euros(1250)),
        new IncomingTransferCredited(Rent, Euros(1250)),
        new IncomingTransferRefused(Rent, Euros(1250), "account-closed"),
    ];

    private static readonly TransferEvent[] TransferEvents =
    [
        new TransferRequested(AccountId.Parse("a"), AccountId.Parse("b"), Euros(1250)),
        new TransferDebited(AccountId.Parse("b"), Euros(1250)),
        new TransferCredited(AccountId.Parse("a")),
        new TransferCompleted(),
        new TransferRefused(AccountId.Parse("a"), "account-closed", TransferSide.Target),
        new TransferRefunded(),
    ];

    private static readonly AccountCommand[] Commands =
    [
        new OpenAccount(Alice, Euro),
        new DepositMoney(Euros(1250)),
        new WithdrawMoney(Euros(1250)),
        new ChangeOverdraftLimit(Euros(50_000)),
        new FreezeAccount("court order 17/26"),
        new UnfreezeAccount(),
        new CloseAccount(),
        new DebitForTransfer(Rent, Euros(1250)),
        new CreditForTransfer(Rent, Euros(1250)),
        new SettleTransfer(Rent),
        new RefundTransfer(Rent),
    ];

    private static readonly TransferCommand[] TransferCommands =
    [
        new RequestTransfer(AccountId.Parse("a"), AccountId.Parse("b"), Euros(1250)),
        new MarkDebited(),
        new MarkCredited(),
        new MarkCompleted(),
        new MarkRefused("account-closed"),
        new MarkRefunded(),
    ];

    private static readonly (string Name, object Value, JsonTypeInfo Json)[] Others =
    [
        ("command.close.with-cause",
            new CloseAccount(ClosureCause.BankDecision),
            AccountAggregate.Definition.Commands.ShapeOf(new CloseAccount()).Json),
        ($"snapshot.account.v{AccountAggregate.StateSchemaVersion}",
            new AccountState(AccountStatus.Frozen, Euros(-1250), Euros(50_000), "court order 17/26")
            {
                OutgoingTransfers = ImmutableDictionary<string, Money>.Empty.Add(Rent.Value, Euros(1250)),
            },
            AccountAggregate.Definition.StateJson),
        ($"view.account-summary.v{AccountSummaryView.Projection.Version}",
            new AccountSummary
            {
                Account = "7f3a",
                Owner = "alice",
                Status = AccountStatus.Closed,
                Balance = Euros(-1250),
                OverdraftLimit = Euros(50_000),
                FreezeReason = "court order 17/26",
                OpenedAt = Monday,
                ClosedAt = Monday.AddTicks(1),
            },
            AccountSummaryView.Projection.Json),
        ($"view.account-statement.v{AccountStatementView.Projection.Version}",
            new StatementHeader("7f3a", "alice", Euros(1250)),
            AccountStatementView.Projection.HeaderJson),
        ($"view.account-statement.entry.v{AccountStatementView.Projection.Version}",
            new StatementEntry(12, Monday, StatementEntryKind.Withdrawal, Euros(-1250), Euros(50_000), "c-1"),
            AccountStatementView.Projection.EntryJson),
        ($"view.customer-portfolio.v{CustomerPortfolioView.Projection.Version}",
            new CustomerPortfolio("alice", [new PortfolioAccount("7f3a", AccountStatus.NotOpen, Euros(1250))], [new Total(1250, Euro)]),
            CustomerPortfolioView.Projection.Json),
        ($"view.bank-totals.v{BankTotalsView.Projection.Version}",
            new BankTotals
            {
                Day = "2026-11-23",
                Currency = Euro,
                AccountsOpened = 1,
                Deposits = 2,
                DepositedMinorUnits = 12345678901234567890m,
                Withdrawals = 3,
                WithdrawnMinorUnits = 4,
            },
            BankTotalsView.Projection.Json),
    ];

    private static readonly Dictionary<string, string> Current = Samples().ToDictionary(s => s.Name, s => s.Json);

    public static TheoryData<string> CurrentShapes => [.. Current.Keys];

    [Theory]
    [MemberData(nameof(CurrentShapes))]
    public void A_current_shape_is_stored_as_in_its_file(string shape) => Assert.Equal(Read(shape), Current[shape]);

    [Fact]
    public void A_snapshot_and_the_views_read_back_as_they_were_written() => Assert.All(Others, other =>
    {
        object? read = JsonSerializer.Deserialize(Read(other.Name), other.Json);
        Assert.Equal(Read(other.Name), JsonSerializer.Serialize(read, other.Json));
    });

    [Fact]
    public void Every_registered_shape_has_a_sample_and_a_file()
    {
        EventShape[] events = [.. AccountAggregate.Definition.Events.Shapes, .. TransferAggregate.Definition.Events.Shapes];
        CommandShape[] commands = [.. AccountAggregate.Definition.Commands, .. TransferAggregate.Definition.Commands];

        string[] expected =
        [
            .. events.Select(s => $"event.{s.Name}.v{s.Version}"),
            .. commands.Select(c => $"command.{c.Name}"),
            .. Others.Select(o => o.Name),
        ];

        Assert.Empty(expected.Except(Files()));
        Assert.Empty(events.Select(s => s.Json.Type).Except([.. Events.Select(e => e.GetType()), .. TransferEvents.Select(e => e.GetType())]));
        Assert.Empty(commands.Select(s => s.Json.Type).Except([.. Commands.Select(e => e.GetType()), .. TransferCommands.Select(e => e.GetType())]));
    }

    private static IEnumerable<(string Name, string Json)> Samples()
    {
        IEnumerable<StoredEvent> events =
            [.. Events.Select(AccountAggregate.Definition.Events.Encode), .. TransferEvents.Select(TransferAggregate.Definition.Events.Encode)];
        foreach (StoredEvent stored in events)
        {
            yield return ($"event.{stored.Type}.v{stored.SchemaVersion}", Encoding.UTF8.GetString(stored.Data.Span));
        }
        IEnumerable<(CommandShape Shape, object Command)> commands =
        [
            .. Commands.Select(c => (AccountAggregate.Definition.Commands.ShapeOf(c), (object)c)),
            .. TransferCommands.Select(c => (TransferAggregate.Definition.Commands.ShapeOf(c), (object)c)),
        ];
        foreach ((CommandShape shape, object command) in commands)
        {
            yield return ($"command.{shape.Name}", JsonSerializer.Serialize(command, shape.Json));
        }
        foreach ((string name, object value, JsonTypeInfo json) in Others)
        {
            yield return (name, JsonSerializer.Serialize(value, json));
        }
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden");

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f));

    private static string Read(string shape) => File.ReadAllText(Path.Combine(Folder, shape + ".json")).TrimEnd('\n');
}
