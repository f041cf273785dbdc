using System.Globalization;
using NCrontab;

namespace Serverless.FunctionsHost.Timers;

/// <summary>When a timer is due: NCRONTAB with five or six fields, in UTC as in Azure, or a time span between runs.</summary>
internal sealed class TimerSchedule
{
    private static readonly TimeSpan ShortestMonitored = TimeSpan.FromMinutes(1);

    private readonly CrontabSchedule? cron;
    private readonly TimeSpan interval;

    private TimerSchedule(CrontabSchedule? cron, TimeSpan interval)
    {
        this.cron = cron;
        this.interval = interval;
    }

    /// <exception cref="FormatException">The text is no schedule; the message shows what one looks like.</exception>
    public static TimerSchedule Parse(string text)
    {
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval) && interval > TimeSpan.Zero)
        {
            return new TimerSchedule(null, interval);
        }
        int fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;
        return CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 }) is { } cron
            ? new TimerSchedule(cron, default)
            : throw new FormatException(
                $"'{text}' is not a timer schedule. Use NCRONTAB such as '0 */5 * * * *' (second minute hour day month weekday), or a time span such as '00:05:00'.");
    }

    public DateTimeOffset NextAfter(DateTimeOffset time) =>
        cron is null ? time + interval : new DateTimeOffset(cron.GetNextOccurrence(time.UtcDateTime), TimeSpan.Zero);

    /// <summary>Whether it is worth keeping when it ran last: the real host does not for what runs more often than each minute.</summary>
    public bool IsMonitored(DateTimeOffset time)
    {
        DateTimeOffset next = NextAfter(time);
        return NextAfter(next) - next >= ShortestMonitored;
    }
}
