using System.Collections;
using System.Net;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Storage;

/// <summary>
/// Physical partitions and containers share no lock: while one is held, everything else goes on. A lock in common would make these
/// tests wait for themselves.
/// </summary>
public sealed class IndependenceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory directory = new();

    [Fact]
    public async Task While_a_partition_is_busy_all_others_read_and_write()
    {
        using var account = new Account(new CosmosEmulatorOptions { PartitionCount = 2 });
        using HttpMessageInvoker http = await ConnectAsync(account);
        Container container = Find(account, "a");
        PhysicalPartition busy = container.Partitions.All[0];
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"k{i}")];
        string inside = keys.First(key => container.PartitionOf(Key(key)) == busy);
        string outside = keys.First(key => container.PartitionOf(Key(key)) != busy);

        using var held = new Held(hold => busy.Query(hold, static (_, _, hold) => hold()));
        await held.Begun.WaitAsync(Patience);
        Task<HttpStatusCode> waiting = Task.Run(() => CreateAsync(http, "a", inside));
        await UseAsync(http, "a", outside).WaitAsync(Patience);
        await UseAsync(http, "b", inside).WaitAsync(Patience);
        await CreateContainerAsync(http, "c").WaitAsync(Patience);
        Assert.False(waiting.IsCompleted); // So the partition really was busy all the time.
        held.Release();
        Assert.Equal(HttpStatusCode.Created, await waiting.WaitAsync(Patience));
    }

    [Fact]
    public async Task While_the_file_of_a_container_is_written_all_others_are_too()
    {
        using var account = new Account(new CosmosEmulatorOptions { DataDirectory = directory.Path });
        using HttpMessageInvoker http = await ConnectAsync(account);
        Container busy = Find(account, "a");

        using var held = new Held(hold =>
        {
            busy.Journal!.Add(busy.Partitions.All[0].Range, new NoChanges(hold), lsn: 0);
            return busy.Journal.WhenSafe() is null;
        });
        await held.Begun.WaitAsync(Patience);
        Task<HttpStatusCode> waiting = Task.Run(() => CreateAsync(http, "a", "k"));
        await UseAsync(http, "b", "k").WaitAsync(Patience);
        await CreateContainerAsync(http, "c").WaitAsync(Patience);
        Assert.False(waiting.IsCompleted);
        held.Release();
        Assert.Equal(HttpStatusCode.Created, await waiting.WaitAsync(Patience));
    }

    public void Dispose() => directory.Dispose();

    private static PartitionKey Key(string key) => new(new StringComponent(key));

    private static Container Find(Account account, string container) => account.Databases.Find("db")!.Containers.Find(container)!;

    private static async Task<HttpMessageInvoker> ConnectAsync(Account account)
    {
        var http = new HttpMessageInvoker(new EmulatorMessageHandler(new Pipeline(account, faults: null), requireKey: false));
        Assert.Equal(HttpStatusCode.Created, await SendAsync(http, HttpMethod.Post, "dbs", """{"id":"db"}"""));
        await CreateContainerAsync(http, "a");
        await CreateContainerAsync(http, "b");
        return http;
    }

    private static async Task CreateContainerAsync(HttpMessageInvoker http, string name) => Assert.Equal(
        HttpStatusCode.Created,
        await Task.Run(() => SendAsync(http, HttpMethod.Post, "dbs/db/colls", $$"""{"id":"{{name}}","partitionKey":{"paths":["/pk"] } }""")));

    private static async Task UseAsync(HttpMessageInvoker http, string container, string key)
    {
        Assert.Equal(HttpStatusCode.Created, await Task.Run(() => CreateAsync(http, container, key)));
        Assert.Equal(HttpStatusCode.OK, await Task.Run(() => SendAsync(http, HttpMethod.Get, $"dbs/db/colls/{container}/docs/1", null, key)));
    }

    private static Task<HttpStatusCode> CreateAsync(HttpMessageInvoker http, string container, string key) =>
        SendAsync(http, HttpMethod.Post, $"dbs/db/colls/{container}/docs", $$"""{"id":"1","pk":"{{key}}"}""", key);

    private static async Task<HttpStatusCode> SendAsync(HttpMessageInvoker http, HttpMethod method, string path, string? body, string? key = null)
    {
        using var message = new HttpRequestMessage(method, $"http://emulator.invalid/{path}") { Content = body is null ? null : new StringContent(body) };
        if (key is not null)
        {
            message.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", $"[\"{key}\"]");
        }

        using HttpResponseMessage response = await http.SendAsync(message, CancellationToken.None);
        return response.StatusCode;
    }

    /// <summary>A thread that is inside something until it is let go.</summary>
    private sealed class Held : IDisposable
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim release = new();
        private readonly Task inside;

        public Held(Func<Func<bool>, bool> enter) => inside = Task.Factory.StartNew(
            () => enter(() =>
            {
                begun.TrySetResult();
                return release.Wait(Patience);
            }),
            TaskCreationOptions.LongRunning);

        public Task Begun => begun.Task;

        public void Release() => release.Set();

        public void Dispose()
        {
            release.Set();
            inside.Wait();
            release.Dispose();
        }
    }

    /// <summary>Nothing to write, and it takes its time.</summary>
    private sealed class NoChanges(Func<bool> hold) : IReadOnlyList<ItemChange>
    {
        public int Count => 0;

        public ItemChange this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<ItemChange> GetEnumerator()
        {
            hold();
            yield break;
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
