using System.Collections.Frozen;

namespace Serverless.CosmosEmulator.Sql.Functions;

internal enum DateTimeUnit
{
    Year,
    Month,
    Day,
    Weekday,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

/// <summary>The names of the units in queries, without regard to case.</summary>
internal static class DateTimeUnits
{
    private static readonly FrozenDictionary<string, DateTimeUnit> Names = new Dictionary<string, DateTimeUnit>
    {
        ["year"] = DateTimeUnit.Year,
        ["yyyy"] = DateTimeUnit.Year,
        ["yy"] = DateTimeUnit.Year,
        ["month"] = DateTimeUnit.Month,
        ["mm"] = DateTimeUnit.Month,
        ["m"] = DateTimeUnit.Month,
        ["day"] = DateTimeUnit.Day,
        ["dd"] = DateTimeUnit.Day,
        ["d"] = DateTimeUnit.Day,
        ["weekday"] = DateTimeUnit.Weekday,
        ["dw"] = DateTimeUnit.Weekday,
        ["hour"] = DateTimeUnit.Hour,
        ["hh"] = DateTimeUnit.Hour,
        ["minute"] = DateTimeUnit.Minute,
        ["mi"] = DateTimeUnit.Minute,
        ["n"] = DateTimeUnit.Minute,
        ["second"] = DateTimeUnit.Second,
        ["ss"] = DateTimeUnit.Second,
        ["s"] = DateTimeUnit.Second,
        ["millisecond"] = DateTimeUnit.Millisecond,
        ["ms"] = DateTimeUnit.Millisecond,
        ["microsecond"] = DateTimeUnit.Microsecond,
        ["mcs"] = DateTimeUnit.Microsecond,
        ["nanosecond"] = DateTimeUnit.Nanosecond,
        ["ns"] = DateTimeUnit.Nanosecond,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static DateTimeUnit? Find(string name) => Names.TryGetValue(name, out DateTimeUnit unit) ? unit : null;

    /// <summary>The length of a unit that always has the same; a nanosecond is a hundredth of a tick.</summary>
    public static decimal? Ticks(DateTimeUnit unit) => unit switch
    {
        DateTimeUnit.Day => TimeSpan.TicksPerDay,
        DateTimeUnit.Hour => TimeSpan.TicksPerHour,
        DateTimeUnit.Minute => TimeSpan.TicksPerMinute,
        DateTimeUnit.Second => TimeSpan.TicksPerSecond,
        DateTimeUnit.Millisecond => TimeSpan.TicksPerMillisecond,
        DateTimeUnit.Microsecond => TimeSpan.TicksPerMicrosecond,
        DateTimeUnit.Nanosecond => 0.01m,
        _ => null,
    };
}
