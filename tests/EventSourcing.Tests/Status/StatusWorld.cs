using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>What outlives a process, and instances over it: each has a monitor of its own, as after a restart or on another machine.</summary>
internal sealed class StatusWorld
{
    public const string Consumer = "log@1";

    public static readonly ConsumerOptions Options = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public InMemoryConsumerStore Records { get; } = new();

    public InMemoryParkedStore Parked { get; } = new();

    public FakeFeeds Feeds { get; } = new();

    public DateTimeOffset Now => Time.GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Instance Start() => new(this);

    public Task<ConsumerStatus> StatusAsync() =>
        new ConsumerStatusReader(Feeds, Records, Parked, Time, Options).ReadAsync(Consumer, Cancellation);

    public async Task<ConsumerRecord> RecordAsync() => (await Records.ReadAsync(Consumer, Cancellation))!;

    /// <summary>A commit that waits since some time.</summary>
    public PendingCommit Pending(TimeSpan age, string stream = "purse-a", long version = 1) => new(stream, version, Now - age);

    internal sealed class Instance(StatusWorld world) : IDisposable
    {
        public ConsumerMonitor Monitor { get; } = new(world.Time);

        public ConsumerRecorder Recorder => field ??= new ConsumerRecorder(Monitor, world.Records, world.Feeds, world.Time, Options);

        public Task HandleAsync(int events = 1, string stream = "purse-a", long version = 1) => Monitor.WatchAsync(
            Consumer, [Batch(stream, version)], () => Task.FromResult(new ProjectionResult(events, LostRaces: 0, RequestCharge: 0)), Cancellation);

        public Task FailAsync(Exception fault, string stream = "purse-a", long version = 1) => Assert.ThrowsAsync(
            fault.GetType(), () => Monitor.WatchAsync(Consumer, [Batch(stream, version)], () => throw fault, Cancellation));

        public Task FlushAsync() => Recorder.FlushAsync(Cancellation);

        public void Dispose() => Monitor.Dispose();

        private static Delivery Batch(string stream, long version) => Delivery.Unreadable(stream, version, new FormatException());
    }
}
