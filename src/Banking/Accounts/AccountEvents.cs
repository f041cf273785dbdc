namespace Serverless.Banking;

/// <summary>Facts about one account. Names and shapes are stored: change them only through an upcaster.</summary>
public abstract record AccountEvent
{
    private protected AccountEvent() { } // Closed: every case is in this file.
}

public sealed record AccountOpened(OwnerId Owner, Currency Currency) : AccountEvent;

public sealed record MoneyDeposited(Money Amount) : AccountEvent;

public sealed record MoneyWithdrawn(Money Amount) : AccountEvent;

public sealed record OverdraftLimitChanged(Money Limit) : AccountEvent;

public sealed record AccountFrozen(string Reason) : AccountEvent;

public sealed record AccountUnfrozen : AccountEvent;

public sealed record AccountClosed : AccountEvent;
