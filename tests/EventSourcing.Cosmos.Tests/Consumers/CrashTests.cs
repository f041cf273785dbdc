using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Code that kills the process: after some restarts its stream is parked, and the app comes up and stays up.</summary>
public sealed class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endless_recursion_parks_its_stream_and_the_others_go_on()
    {
        await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create();
        await cosmos.ListenAsync(0, Token);
        await using ServiceProvider services = CrashingProcess.Services(cosmos.ConnectionString);
        await services.GetRequiredService<ContainerProvisioning>().EnsureAsync(Token);
        StreamName[] streams = [.. new[] { "a", "deep", "z" }.Select(id => StreamName.Create("counter", id))];
        foreach (StreamName stream in streams)
        {
            await CountAsync(services, stream, stream.Id == "deep" ? CrashingProcess.Deadly : 1);
        }

        int deaths = 0;
        while (!await CrashingProcess.RunAsync(cosmos.ConnectionString, Token))
        {
            Assert.True(++deaths < 10, "The app does not come up.");
        }

        // One death that nobody foresaw, one with a note of the whole batch, and those that showed which stream it is.
        Assert.Equal(1 + new ConsumerOptions().MaxDeaths, deaths);
        ParkedStream? record = await services.GetRequiredService<IParkedStore>().ReadAsync("sums@1", "counter-deep", Token);
        Assert.Equal((ParkedStatus.Parked, 1L, 1L), (record!.Status, record.FromVersion, record.ThroughVersion));
        Assert.Equal((typeof(ProcessDiedException).FullName, (DateTimeOffset?)null), (record.ErrorType, record.NextRetryAt));
        Assert.Equal((1L, 1L), (await SumAsync(services, "a"), await SumAsync(services, "z")));

        // A new commit of the stream waits behind the record and kills nothing any more.
        await CountAsync(services, streams[1], 1);
        await CountAsync(services, streams[0], 1);
        Assert.True(await CrashingProcess.RunAsync(cosmos.ConnectionString, Token));
        Assert.Equal(2, (await services.GetRequiredService<IParkedStore>().ReadAsync("sums@1", "counter-deep", Token))!.ThroughVersion);
        Assert.Equal(2, await SumAsync(services, "a"));
    }

    private static Task<CommandOutcome> CountAsync(ServiceProvider services, StreamName stream, long by) =>
        Counter.Handler(services.GetRequiredService<IEventStore>()).ExecuteAsync(stream, new Count(by), Counter.FreshId(), Token);

    private static async Task<long> SumAsync(ServiceProvider services, string id)
    {
        ViewRead read = await services.GetRequiredService<IViewStore>().ReadAsync(new ViewPartition("sums", 1, id), [ViewDocument.SingleId], Token);
        return JsonSerializer.Deserialize(Assert.Single(read.Documents).Data.Span, CounterJson.Default.CounterState)!.Sum;
    }
}

/// <summary>A process that gives every commit to a consumer whose code may recurse without end; started by <see cref="CrashTests"/>.</summary>
public sealed class CrashingProcess
{
    public const long Deadly = 13;

    private const string ConnectionVariable = "CRASH_TEST_CONNECTION";

    /// <summary>True when it came to its end alive.</summary>
    public static async Task<bool> RunAsync(string connection, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(CrashingProcess).Assembly.Location, "-class", typeof(CrashingProcess).FullName!, "-explicit", "only"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ConnectionVariable] = connection;
        using Process process = Process.Start(start)!;
        // Read, because a stack overflow tells its whole stack and would wait for a reader.
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0;
    }

    [Fact(Explicit = true)]
    public async Task Consumes_every_commit_once()
    {
        await using ServiceProvider services = Services(Environment.GetEnvironmentVariable(ConnectionVariable)!);
        ConsumerOptions options = new();
        using ConsumerMonitor monitor = new(TimeProvider.System);
        Projector projector = new(
            services.GetRequiredService<IEventStore>(), services.GetRequiredService<IViewStore>(), services.GetRequiredService<IStoreFaults>(),
            TimeProvider.System, new ProjectorOptions());
        IParkedStore parked = services.GetRequiredService<IParkedStore>();
        using CrashWatch watch = new(services.GetRequiredService<IWorkNotes>(), TimeProvider.System, options);
        WatchedConsumers consumers = new(new ConsumerRunner(projector, parked, TimeProvider.System, options, monitor), parked, watch);
        CommitLogPage page = await services.GetRequiredService<ICommitLog>().ReadPageAsync(null, continuation: null, 100, TestContext.Current.CancellationToken);

        await consumers.HandleAsync(Sums, CommitJson.ReadDeliveries(page.Items), TestContext.Current.CancellationToken);
    }

    public static ServiceProvider Services(string connection) => new ServiceCollection()
        .AddCosmosEventSourcing(new CosmosSettings { ConnectionString = connection, Database = "crash", UseGateway = true })
        .BuildServiceProvider();

    private static readonly DocumentView<CounterState, CounterEvent> Sums = new()
    {
        Name = "sums",
        Version = 1,
        Sources = [EventSource<CounterEvent>.Of(Counter.Aggregate)],
        Key = ViewKey<CounterEvent>.Stream,
        Initial = new CounterState(0),
        Apply = (sum, envelope) => new CounterState(sum.Sum + Depth(((Counted)envelope.Event).By)),
        Json = CounterJson.Default.CounterState,
    };

    private static long Depth(long by) => by == Deadly ? Depth(by) + 1 : by;
}
