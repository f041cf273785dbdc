using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.FunctionsHost.Tests.Support;

/// <summary>A clock that knows what waits for it: each delay of a retry passes once, and only after the code under test waits for it.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    /// <summary>Longer than any delay of a retry, shorter than any function's time limit.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<TimeSpan> delays = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= LongestDelay)
        {
            delays.Enqueue(dueTime);
        }
        return timer;
    }

    /// <summary>Waits until a delay has begun and passes it. The length of the delay.</summary>
    public async Task<TimeSpan> PassDelayAsync()
    {
        TimeSpan delay = default;
        await Wait.UntilAsync(() => delays.TryDequeue(out delay));
        Advance(delay);
        return delay;
    }
}
