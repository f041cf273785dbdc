using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Dates and times, in UTC.</summary>
internal static class DateTimeFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("DATETIMETOTICKS", 1, 1, a => TryTime(a[0], out DateTime time) ? SqlValue.Of(time.Ticks - DateTime.UnixEpoch.Ticks) : default),
        new("DATETIMETOTIMESTAMP", 1, 1, a => TryTime(a[0], out DateTime time) ? SqlValue.Of(Timestamp(time)) : default),
        new("TICKSTODATETIME", 1, 1, a => FromTicks(a[0], 1)),
        new("TIMESTAMPTODATETIME", 1, 1, a => FromTicks(a[0], TimeSpan.TicksPerMillisecond)),
        .. OfNow("GETCURRENTDATETIME", now => SqlValue.Of(DateTimeText.Format(now))),
        .. OfNow("GETCURRENTTICKS", now => SqlValue.Of(now.Ticks - DateTime.UnixEpoch.Ticks)),
        .. OfNow("GETCURRENTTIMESTAMP", now => SqlValue.Of(Timestamp(now))),
    ];

    public static long Timestamp(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    // The static form is one value for the whole query; here the other one is too.
    private static Function[] OfNow(string name, Func<DateTime, SqlValue> compute) =>
    [
        new(name, 0, 0, null) { IsVolatile = true, OfNow = compute },
        new(name + "STATIC", 0, 0, null) { IsVolatile = true, OfNow = compute },
    ];

    private static bool TryTime(SqlValue value, out DateTime time)
    {
        time = default;
        return value.IsString && DateTimeText.TryParse(value.String, out time);
    }

    private static SqlValue FromTicks(SqlValue value, long ticksPerUnit)
    {
        if (!value.IsNumber || !value.Number.TryTruncate(out long units)
            || Math.Abs((double)units * ticksPerUnit) > DateTime.MaxValue.Ticks)
        {
            return default;
        }

        long ticks = (units * ticksPerUnit) + DateTime.UnixEpoch.Ticks;
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? default : SqlValue.Of(DateTimeText.Format(new(ticks, DateTimeKind.Utc)));
    }
}
