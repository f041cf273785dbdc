using Serverless.CosmosEmulator.Durability;

namespace Serverless.CosmosEmulator.Tests.Durability;

public sealed class CommitQueueTests
{
    private readonly List<int[]> written = [];

    [Fact]
    public void With_nothing_to_write_everything_is_safe() => Assert.Null(new CommitQueue<int>(Write).WhenSafe());

    [Fact]
    public void Whoever_asks_first_writes_what_is_there()
    {
        var queue = new CommitQueue<int>(Write);
        queue.Add(1);
        queue.Add(2);
        Assert.Empty(written);

        Assert.Null(queue.WhenSafe());
        Assert.Null(queue.WhenSafe());

        Assert.Equal([1, 2], Assert.Single(written));
    }

    [Fact]
    public async Task What_comes_during_a_write_is_the_next_write()
    {
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var queue = new CommitQueue<int>(units =>
        {
            begun.Release();
            goOn.Wait(TestContext.Current.CancellationToken);
            Write(units);
        });
        queue.Add(1);
        Task first = Task.Run(() => queue.WhenSafe() ?? Task.CompletedTask, TestContext.Current.CancellationToken);
        await begun.WaitAsync(TestContext.Current.CancellationToken);

        // A reader that may have seen unit 1 waits for it although it adds nothing.
        Task? reader = queue.WhenSafe();
        queue.Add(2);
        queue.Add(3);
        Task? second = queue.WhenSafe();
        Assert.False(reader?.IsCompleted);
        Assert.False(second?.IsCompleted);

        goOn.Release();
        await first;
        await reader!;
        Assert.False(second!.IsCompleted);
        goOn.Release();
        await second;

        Assert.Equal([[1], [2, 3]], written);
        Assert.Null(queue.WhenSafe());
    }

    [Fact]
    public async Task A_failure_reaches_everybody_then_and_later()
    {
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var queue = new CommitQueue<int>(_ =>
        {
            begun.Release();
            goOn.Wait(TestContext.Current.CancellationToken);
            throw new IOException("The disk is full.");
        });
        queue.Add(1);
        Task first = Task.Run(() => queue.WhenSafe() ?? Task.CompletedTask, TestContext.Current.CancellationToken);
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        queue.Add(2);
        Task? second = queue.WhenSafe();
        goOn.Release();

        await Assert.ThrowsAsync<IOException>(() => first);
        await Assert.ThrowsAsync<IOException>(async () => await second!);
        await Assert.ThrowsAsync<IOException>(async () => await queue.WhenSafe()!);
        queue.Add(3);
        await Assert.ThrowsAsync<IOException>(async () => await queue.WhenSafe()!);
    }

    [Fact]
    public async Task Under_load_every_unit_is_written_once_in_order_before_it_is_called_safe()
    {
        int last = 0;
        var safe = new HashSet<int>();
        var gate = new Lock();
        var order = new Lock();
        int next = 0;
        var queue = new CommitQueue<int>(units =>
        {
            foreach (int unit in units)
            {
                Assert.Equal(last + 1, unit);
                last = unit;
            }

            lock (gate)
            {
                safe.UnionWith(units);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 2000; i++)
            {
                int mine;
                lock (order)
                {
                    mine = ++next;
                    queue.Add(mine);
                }

                await (queue.WhenSafe() ?? Task.CompletedTask);
                lock (gate)
                {
                    Assert.Contains(mine, safe);
                }
            }
        })));

        Assert.Equal(16_000, last);
    }

    private void Write(IReadOnlyList<int> units) => written.Add([.. units]);
}
