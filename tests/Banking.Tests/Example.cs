using Serverless.EventSourcing.Testing;

namespace Serverless.Banking.Tests;

/// <summary>The people and amounts that the examples share.</summary>
internal static class Example
{
    public static readonly OwnerId Alice = OwnerId.Parse("alice");

    public static readonly OwnerId Bob = OwnerId.Parse("bob");

    public static readonly TransferId Rent = TransferId.Parse("rent");

    public static readonly Currency Euro = Currency.Parse("EUR");

    public static readonly Currency Dollar = Currency.Parse("USD");

    public static readonly AccountOpened Opened = new(Alice, Euro);

    public static readonly DateTimeOffset Monday = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    public static Money Euros(long cents) => new(cents, Euro);

    public static Money Dollars(long cents) => new(cents, Dollar);

    public static DeciderGiven<AccountCommand, AccountState, AccountEvent, AccountRejection> Given(params IReadOnlyList<AccountEvent> events) =>
        DeciderSpec.For(AccountAggregate.Definition).Given(events);

    public static History<AccountEvent> Account(string id) => History.Of(AccountAggregate.Definition, id).At(Monday);
}
