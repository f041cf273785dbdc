using System.Diagnostics.CodeAnalysis;

namespace Serverless.Banking;

/// <summary>An amount in the smallest unit of its currency (cents of EUR). Mirrors stored data.</summary>
public sealed record Money(long MinorUnits, Currency Currency)
{
    /// <summary>
    /// The largest amount and the largest balance, either sign: fifteen digits, which every JSON reader on the way keeps exactly
    /// (Cosmos DB stores numbers as doubles), and of which two add up without overflow.
    /// </summary>
    public const long MaxMinorUnits = 999_999_999_999_999;

    public static Money None { get; } = new(0, Currency.None);

    /// <summary>False when the sum would be out of range.</summary>
    /// <exception cref="ArgumentException">The currencies differ.</exception>
    public bool TryAdd(Money other, [NotNullWhen(true)] out Money? sum)
    {
        ArgumentNullException.ThrowIfNull(other);
        ThrowIfOther(Currency, other);
        Int128 exact = (Int128)MinorUnits + other.MinorUnits;
        sum = Int128.Abs(exact) <= MaxMinorUnits ? this with { MinorUnits = (long)exact } : null;
        return sum is not null;
    }

    /// <exception cref="OverflowException">The sum does not fit; rules ask <see cref="TryAdd"/> first.</exception>
    public static Money operator +(Money a, Money b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ThrowIfOther(a.Currency, b);
        return a with { MinorUnits = checked(a.MinorUnits + b.MinorUnits) };
    }

    /// <exception cref="OverflowException">The difference does not fit.</exception>
    public static Money operator -(Money a, Money b) => a + Negate(b);

    /// <exception cref="OverflowException">The opposite does not fit.</exception>
    public static Money Negate(Money value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value with { MinorUnits = checked(-value.MinorUnits) };
    }

    public override string ToString() => $"{MinorUnits} {Currency} minor units";

    private static void ThrowIfOther(Currency currency, Money other)
    {
        if (other.Currency != currency)
        {
            throw new ArgumentException($"{other} can't be added to an amount in {currency}.", nameof(other));
        }
    }
}
