using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Serverless.FaultHarness.Running;

/// <summary>The processes that make up the system, with their data in a directory that outlives them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const string HostProgram = "Serverless.LocalHost.dll";
    private const string EmulatorProgram = "Serverless.CosmosEmulator.dll";

    private readonly string directory = Directory.CreateTempSubdirectory("fault-harness-").FullName;
    private readonly Member store;

    public Cluster(HarnessOptions options)
    {
        Dictionary<string, string> settings = new([
            FeedLog.Setting,
            Member.WorkerLog,
            new("FunctionsHost__LeaseExpiration", options.LeaseExpiration.ToString("c", CultureInfo.InvariantCulture)),
        ]);
        string[] worker = options.HasWorkerProcess ? ["--worker-process"] : [];
        string[] kept = ["--data", directory, "--partitions", $"{options.Partitions}"];
        if (options.Topology == Topology.Whole)
        {
            store = new Member("system", HostProgram, () => ["--port", "0", "--cosmos-port", "0", .. kept, .. worker], settings, hasApi: true);
            Hosts = [store];
            All = [store];
        }
        else
        {
            string port = $"{FreePort()}"; // The same in all its lives, since the hosts are told of it.
            store = new Member("emulator", EmulatorProgram, () => ["--port", port, .. kept], NoSettings, hasApi: false);
            Hosts = [.. Enumerable.Range(1, 2).Select(n => new Member(
                $"host {n}", HostProgram, () => ["--port", "0", "--cosmos", Store.AbsoluteUri, .. worker], SettingsOf(n), hasApi: true))];
            All = [store, .. Hosts];
        }

        Dictionary<string, string> SettingsOf(int host) =>
            host == 2 && options.Mixes.HasFlag(Mixes.Clocks) ? new(settings) { ["LocalHost__ClockOffset"] = "01:00:00" } : settings;
    }

    private static readonly Dictionary<string, string> NoSettings = [];

    /// <summary>In the order in which they must be started.</summary>
    public IReadOnlyList<Member> All { get; }

    /// <summary>Those with an API.</summary>
    public IReadOnlyList<Member> Hosts { get; }

    /// <summary>The one with the database.</summary>
    public Member StoreMember => store;

    public Uri Store => store.Store ?? throw new InvalidOperationException("The database was not started.");

    /// <summary>Where commands can be sent at this moment.</summary>
    public IReadOnlyList<Uri> Apis => [.. Hosts.Select(h => h.Api).OfType<Uri>()];

    /// <summary>A request whose answer was lost may go on after it is sent again: not when all die together.</summary>
    public bool OutlivesItsClients => All.Count > 1;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (Member member in All)
        {
            member.Begin();
            await member.WaitUntilReadyAsync(cancellationToken);
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Member member in All)
        {
            await member.DisposeAsync();
        }
        Directory.Delete(directory, recursive: true);
    }
}
