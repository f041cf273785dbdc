using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>Which stream a process died of is found by those after it. A process here dies by never coming back from a stream.</summary>
public sealed class CrashWatchTests
{
    private static readonly ConsumerOptions Options = new() { MaxDeaths = 2 };

    private readonly InMemoryWorkNotes notes = new();
    private readonly FakeTimeProvider time = new();
    private readonly List<string> handled = [];
    private readonly List<string> givenUp = [];

    [Fact]
    public async Task A_batch_of_a_healthy_process_is_handled_whole_and_leaves_no_note()
    {
        await RunAsync(new CrashWatch(notes, time, Options), ["a/1", "b/1", "a/2"]);

        Assert.Equal(["a/1 b/1 a/2"], handled);
        Assert.Null(await notes.ReadAsync("c@1", "first", CancellationToken.None));
    }

    [Fact]
    public async Task After_deaths_the_streams_are_handled_alone_and_the_one_to_blame_is_given_up()
    {
        for (int process = 0; process < 1 + Options.MaxDeaths; process++)
        {
            Assert.False(RunAsync(new CrashWatch(notes, time, Options), ["a/1", "b/1", "c/1", "b/2"], dies: "b").IsCompleted);
        }

        await RunAsync(new CrashWatch(notes, time, Options), ["a/1", "b/1", "c/1", "b/2"], dies: "b");

        Assert.Equal(["a/1", "a/1", "a/1", "c/1"], handled);
        Assert.Equal(["b/1 b/2 after 2"], givenUp);
        Assert.Null(await notes.ReadAsync("c@1", "first", CancellationToken.None));
    }

    [Fact]
    public async Task A_fault_in_a_living_process_is_no_death()
    {
        CrashWatch watch = new(notes, time, Options);
        for (int delivery = 0; delivery < 5; delivery++)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(watch, ["a/1", "b/1"], fails: "b"));
        }

        await RunAsync(watch, ["a/1", "b/1"]);

        Assert.Equal(["a/1 b/1"], handled);
        Assert.Empty(givenUp);
    }

    [Fact]
    public async Task Batches_after_the_first_minute_are_not_noted()
    {
        CrashWatch watch = new(notes, time, Options);
        await RunAsync(watch, ["a/1"]);
        time.Advance(Options.CrashWatch + TimeSpan.FromSeconds(1));

        _ = RunAsync(watch, ["a/2"], dies: "a");

        Assert.Null(await notes.ReadAsync("c@1", "first", CancellationToken.None));
    }

    private Task<IReadOnlyList<bool>> RunAsync(CrashWatch watch, string[] items, string? dies = null, string? fails = null) => watch.RunAsync(
        "c@1",
        "first",
        items,
        i => i[..1],
        async batch =>
        {
            if (batch.Any(i => i[..1] == dies))
            {
                await new TaskCompletionSource().Task;
            }
            if (batch.Any(i => i[..1] == fails))
            {
                throw new TimeoutException();
            }
            handled.Add(string.Join(' ', batch));
            return true;
        },
        (stream, deaths) =>
        {
            givenUp.Add($"{string.Join(' ', stream)} after {deaths}");
            return Task.FromResult(true);
        },
        CancellationToken.None);
}
