using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.FaultHarness.Running;

/// <summary>One process of the system, through all its lives.</summary>
internal sealed partial class Member(string name, string program, Func<IReadOnlyList<string>> args, IReadOnlyDictionary<string, string> environment, bool hasApi)
    : IAsyncDisposable
{
    /// <summary>Has a host say which process its worker is, when that is another one.</summary>
    public static KeyValuePair<string, string> WorkerLog { get; } = new("Logging__LogLevel__Serverless.FunctionsHost.Hosting.WorkerProcess", "Information");

    private ChildProcess? process;

    public string Name => name;

    /// <summary>Where its API is; null while it has none or is not to be asked.</summary>
    public Uri? Api { get; private set; }

    /// <summary>Where its emulator was last, if it has one.</summary>
    public Uri? Store { get; private set; }

    public int Starts { get; private set; }

    /// <summary>What it logged about batches of the change feed in all its lives.</summary>
    public FeedLog Feed { get; } = new();

    public ChildProcess Process => process ?? throw new InvalidOperationException($"The {name} was not started.");

    /// <summary>Why it is gone although nobody has ended it; null when all is well.</summary>
    public string? Death => process is { HasDied: true } dead ? $"The {name} has ended by itself:\n{dead.Tail}" : null;

    public void Begin()
    {
        Starts++;
        process = ChildProcess.Start(name, program, args(), environment, Feed.Read);
    }

    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        if (hasApi)
        {
            // The line of the emulator comes after that of the API.
            Match api = await Process.LineAsync(ApiLine, cancellationToken);
            Match cosmos = await Process.LineAsync(CosmosLine, cancellationToken);
            Store = new Uri(cosmos.Groups[1].Value);
            Api = new Uri(api.Groups[1].Value + "/");
        }
        else
        {
            Store = new Uri((await Process.LineAsync(EmulatorLine, cancellationToken)).Groups[1].Value);
        }
    }

    public async Task KillAsync()
    {
        Api = null;
        await Process.KillAsync();
        await Process.DisposeAsync();
    }

    /// <summary>SIGKILL for the newest worker of this host, which starts another one by itself; nothing if it is gone already.</summary>
    public async Task KillWorkerAsync(CancellationToken cancellationToken)
    {
        Match line = await Process.LastLineAsync(WorkerLine, cancellationToken);
        try
        {
            using System.Diagnostics.Process worker = System.Diagnostics.Process.GetProcessById(int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
            worker.Kill();
            await worker.WaitForExitAsync(cancellationToken);
        }
        catch (ArgumentException)
        {
            // It was killed before, and the next one has not come so far.
        }
    }

    public Task PauseAsync()
    {
        Api = null;
        return Process.PauseAsync();
    }

    /// <summary>Goes on where it was; its API is asked again when <paramref name="api"/> is given.</summary>
    public async Task ContinueAsync(Uri? api)
    {
        await Process.ContinueAsync();
        Api = api;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }
    }

    [GeneratedRegex(@"The worker runs in process (\d+)")]
    internal static partial Regex WorkerLine { get; }

    [GeneratedRegex(@"^\s+API\s+(http\S+)")]
    internal static partial Regex ApiLine { get; }

    [GeneratedRegex(@"^\s+Cosmos DB\s+(http\S+)")]
    private static partial Regex CosmosLine { get; }

    [GeneratedRegex(@"AccountEndpoint=(http[^;]+)")]
    internal static partial Regex EmulatorLine { get; }
}
