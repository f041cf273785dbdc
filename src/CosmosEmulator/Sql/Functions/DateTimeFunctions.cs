using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Dates and times, in UTC. What is no date, no unit or outside of the calendar makes them undefined.</summary>
internal static class DateTimeFunctions
{
    private const int MaxFractionDigits = 7;

    public static IEnumerable<Function> All { get; } =
    [
        new("DATETIMEADD", 2, 3, Add) { RefusedArguments = 2 }, // With two arguments the service adds a time span of its own syntax.
        new("DATETIMEBIN", 2, 4, Bin),
        new("DATETIMEDIFF", 3, 3, Difference),
        new("DATETIMEFROMPARTS", 3, 7, FromParts),
        new("DATETIMEPART", 2, 2, a => TryUnit(a[0], out DateTimeUnit unit) && TryTime(a[1], out DateTime time)
            ? SqlValue.Of(Part(unit, time))
            : default),
        new("DATETIMETOTICKS", 1, 1, a => TryTime(a[0], out DateTime time) ? SqlValue.Of(time.Ticks - DateTime.UnixEpoch.Ticks) : default),
        new("DATETIMETOTIMESTAMP", 1, 1, a => TryTime(a[0], out DateTime time) ? SqlValue.Of(Timestamp(time)) : default),
        Component("DAY", DateTimeUnit.Day),
        Component("MONTH", DateTimeUnit.Month),
        new("TICKSTODATETIME", 1, 2, a => FromUnits(a[0], 1)) { RefusedArguments = 2 },
        new("TIMESTAMPTODATETIME", 1, 2, a => FromUnits(a[0], TimeSpan.TicksPerMillisecond)) { RefusedArguments = 2 },
        Component("YEAR", DateTimeUnit.Year),
        .. OfNow("GETCURRENTDATETIME", now => SqlValue.Of(DateTimeText.Format(now))),
        .. OfNow("GETCURRENTTICKS", now => SqlValue.Of(now.Ticks - DateTime.UnixEpoch.Ticks)),
        .. OfNow("GETCURRENTTIMESTAMP", now => SqlValue.Of(Timestamp(now))),
    ];

    // The static form is one value for a page of one partition; the other one looks at the clock for each item.
    private static Function[] OfNow(string name, Func<DateTime, SqlValue> compute) =>
    [
        new(name, 0, 0, null) { IsVolatile = true, OfNow = compute },
        new(name + "STATIC", 0, 0, null) { IsVolatile = true, IsStatic = true, OfNow = compute },
    ];

    private static Function Component(string name, DateTimeUnit unit) =>
        new(name, 1, 1, a => TryTime(a[0], out DateTime time) ? SqlValue.Of(Part(unit, time)) : default);

    private static long Timestamp(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    private static bool TryTime(SqlValue value, out DateTime time)
    {
        time = default;
        return value.IsString && DateTimeText.TryParse(value.String, out time);
    }

    private static bool TryUnit(SqlValue value, out DateTimeUnit unit)
    {
        DateTimeUnit? found = value.IsString ? DateTimeUnits.Find(value.String) : null;
        unit = found ?? default;
        return found is not null;
    }

    private static SqlValue Text(DateTime start, decimal ticks) =>
        DateTimeText.TryAdd(start, ticks, out DateTime time) ? SqlValue.Of(DateTimeText.Format(time)) : default;

    private static SqlValue FromUnits(SqlValue value, long ticksPerUnit) =>
        value.TryGetInteger(out long units) ? Text(DateTime.UnixEpoch, (decimal)units * ticksPerUnit) : default;

    private static SqlValue Add(ReadOnlySpan<SqlValue> a)
    {
        if (!TryUnit(a[0], out DateTimeUnit unit) || !a[1].TryGetInteger(out long count) || !TryTime(a[2], out DateTime time))
        {
            return default;
        }

        if (DateTimeUnits.Ticks(unit) is decimal ticks)
        {
            return Text(time, Math.Round(count * ticks, MidpointRounding.AwayFromZero));
        }

        decimal months = unit switch { DateTimeUnit.Year => count * 12m, DateTimeUnit.Month => count, _ => decimal.MaxValue };
        decimal year = Math.Floor(((time.Year * 12m) + time.Month - 1 + Math.Clamp(months, -1_000_000, 1_000_000)) / 12);
        return year is < 1601 or > 9999 ? default : SqlValue.Of(DateTimeText.Format(time.AddMonths((int)months)));
    }

    private static long Part(DateTimeUnit unit, DateTime time) => unit switch
    {
        DateTimeUnit.Year => time.Year,
        DateTimeUnit.Month => time.Month,
        DateTimeUnit.Day => time.Day,
        DateTimeUnit.Weekday => (long)time.DayOfWeek,
        DateTimeUnit.Hour => time.Hour,
        DateTimeUnit.Minute => time.Minute,
        DateTimeUnit.Second => time.Second,
        DateTimeUnit.Millisecond => time.Millisecond,
        DateTimeUnit.Microsecond => time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond,
        _ => time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
    };

    // The number of unit boundaries between two times, not of whole units: one second can be a year apart.
    private static SqlValue Difference(ReadOnlySpan<SqlValue> a)
    {
        if (!TryUnit(a[0], out DateTimeUnit unit) || !TryTime(a[1], out DateTime start) || !TryTime(a[2], out DateTime end))
        {
            return default;
        }

        return unit switch
        {
            DateTimeUnit.Year => SqlValue.Of((long)(end.Year - start.Year)),
            DateTimeUnit.Month => SqlValue.Of(((end.Year - start.Year) * 12L) + end.Month - start.Month),
            DateTimeUnit.Weekday => default,
            DateTimeUnit.Nanosecond => SqlValue.Of(unchecked((end.Ticks - start.Ticks) * TimeSpan.NanosecondsPerTick)),
            _ => SqlValue.Of((long)(Boundaries(end, unit) - Boundaries(start, unit))),
        };
    }

    private static decimal Boundaries(DateTime time, DateTimeUnit unit) => Math.Floor(time.Ticks / (DateTimeUnits.Ticks(unit) ?? 1));

    private static SqlValue Bin(ReadOnlySpan<SqlValue> a)
    {
        DateTime origin = DateTime.UnixEpoch;
        if (!TryTime(a[0], out DateTime time) || !TryUnit(a[1], out DateTimeUnit unit) || DateTimeUnits.Ticks(unit) is not decimal ticks
            || (a.Length > 2 && !a[2].IsNumber) || (a.Length > 3 && !TryTime(a[3], out origin)))
        {
            return default;
        }

        double count = a.Length > 2 ? a[2].Number.Double : 1;
        decimal size = count is > 0 and < 1e12 ? Math.Floor((decimal)count * ticks) : 0;
        return size == 0 ? default : Text(origin, Math.Floor((time.Ticks - origin.Ticks) / size) * size);
    }

    private static SqlValue FromParts(ReadOnlySpan<SqlValue> a)
    {
        Span<long> parts = [1601, 1, 1, 0, 0, 0, 0];
        for (int i = 0; i < a.Length; i++)
        {
            if (!a[i].TryGetInteger(out parts[i]))
            {
                return default;
            }
        }

        // A fraction is a number of ticks; of one with more digits only the first seven count.
        long fraction = parts[6];
        while (fraction >= Math.Pow(10, MaxFractionDigits))
        {
            fraction /= 10;
        }

        bool isValid = parts[0] is >= 1601 and <= 9999 && parts[1] is >= 1 and <= 12
            && parts[2] >= 1 && parts[2] <= DateTime.DaysInMonth((int)parts[0], (int)parts[1])
            && parts[3] is >= 0 and < 24 && parts[4] is >= 0 and < 60 && parts[5] is >= 0 and < 60 && fraction >= 0;
        return isValid
            ? SqlValue.Of(DateTimeText.Format(new DateTime(
                (int)parts[0], (int)parts[1], (int)parts[2], (int)parts[3], (int)parts[4], (int)parts[5], DateTimeKind.Utc).AddTicks(fraction)))
            : default;
    }
}
