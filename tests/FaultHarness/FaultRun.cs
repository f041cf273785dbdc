using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Serverless.FaultHarness.Checks;
using Serverless.FaultHarness.Load;
using Serverless.FaultHarness.Running;

namespace Serverless.FaultHarness;

/// <summary>One run: load, faults and kills, and in the end every check.</summary>
internal sealed class FaultRun(HarnessOptions options, TextWriter output) : IAsyncDisposable
{
    // Enough for a busy system, and not so much that the checks at the end take longer than the run.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(15);

    // Of a request that is answered with "not yet".
    private const int MaxAttempts = 20;

    private readonly Cluster cluster = new(options);
    private readonly Random random = new(options.Seed);
    private readonly LoadCounts counts = new();
    private readonly List<SentCommand> sent = [];
    private readonly List<string> discrepancies = [];
    private int clientsStarted;
    private int killsAtStart;
    private int workerKills;

    /// <summary>Whether everything was as promised.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using FaultPlan faults = new(() => cluster.Store, options.Mixes);
        await output.WriteLineAsync($"seed {options.Seed}; {Describe()}; {options.Clients} clients; mixes: {options.Mixes}");
        await cluster.StartAsync(cancellationToken);
        if (options.Mixes.HasFlag(Mixes.Poison))
        {
            await PlantPoisonAsync(cancellationToken);
        }
        bool isRight = await PhaseAsync($"{options.Kills} kills", faults, token => KillAsync(faults, token), cancellationToken)
            && (options.Topology == Topology.Whole
                || (await PhaseAsync($"{options.Pauses} stops for longer than a lease lasts", faults, PauseAsync, cancellationToken)
                    && await PhaseAsync("one host was killed for good", faults, TakeOverAsync, cancellationToken)));
        await WriteTotalsAsync(faults);
        return isRight;
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private async Task PlantPoisonAsync(CancellationToken cancellationToken)
    {
        using RawStore store = new(cluster.Store);
        using Poison poison = new(store, cluster.Apis[0]);
        await poison.PlantAsync(cancellationToken);
    }

    /// <summary>Load and faults while <paramref name="harm"/> lasts; then quiet, until all is settled; then the checks of all there is so far.</summary>
    private async Task<bool> PhaseAsync(string name, FaultPlan faults, Func<CancellationToken, Task> harm, CancellationToken cancellationToken)
    {
        await faults.BeginAsync(random.Next(), cancellationToken);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        BankClient[] clients = [.. Enumerable.Range(clientsStarted, options.Clients).Select(n => new BankClient(
            new Workload(options.Seed, n, clientsStarted + options.Clients, options.Mixes.HasFlag(Mixes.LongIds)), () => cluster.Apis, counts))];
        clientsStarted += clients.Length;
        Task load = Task.WhenAll(clients.Select(c => c.RunAsync(Pace, stop.Token)));
        try
        {
            await harm(cancellationToken);
            await Task.Delay(options.LeaseExpiration, cancellationToken); // Some load after the last blow.
        }
        catch (CounterexampleException e)
        {
            discrepancies.Add(e.Message);
        }
        finally
        {
            await stop.CancelAsync();
        }
        await faults.EndAsync(cancellationToken);
        await load;
        sent.AddRange(clients.SelectMany(c => c.Sent));
        discrepancies.AddRange(clients.SelectMany(c => c.Discrepancies));
        Array.ForEach(clients, c => c.Dispose());
        return await CheckAsync(name, cancellationToken);
    }

    private async Task<bool> CheckAsync(string phase, CancellationToken cancellationToken)
    {
        using RawStore store = new(cluster.Store);
        using HttpClient http = new();
        Verification verification = new(sent, cluster.OutlivesItsClients) { HasPoison = options.Mixes.HasFlag(Mixes.Poison) };
        await output.WriteLineAsync($"\nAfter {phase}:");
        int attempts = 1;
        try
        {
            TimeSpan caughtUp = await CatchUp.WaitAsync(store, options.Patience, cancellationToken);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"  all views caught up and all transfers ended {caughtUp.TotalSeconds:F1} s after the last command"));
            attempts = MaxAttempts;
        }
        catch (CounterexampleException e)
        {
            discrepancies.Add(e.Message);
        }
        await verification.RunAsync(store, path => GetAsync(http, path, attempts, cancellationToken), cancellationToken);
        discrepancies.AddRange(cluster.All.Select(m => m.Death).OfType<string>());
        foreach (string line in verification.Passed)
        {
            await output.WriteLineAsync($"  {line}");
        }
        foreach (string line in verification.Failed.Concat(discrepancies))
        {
            await output.WriteLineAsync($"  WRONG {line}");
        }
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  stored: {verification.Commits:N0} commits with {verification.Events:N0} events in {verification.Streams:N0} streams; transfers: "
            + $"{verification.Money?.Completed:N0} completed, {verification.Money?.Refunded:N0} refunded, {verification.Money?.Refused:N0} refused"));
        return verification.Failed.Count + discrepancies.Count == 0;
    }

    /// <summary>A random member at a random moment of its life, once in a while before it is ready.</summary>
    private async Task KillAsync(FaultPlan faults, CancellationToken cancellationToken)
    {
        for (int kill = 0; kill < options.Kills; kill++)
        {
            await CountForAsync(faults, options.LongestLife * random.NextDouble(), cancellationToken);
            // Two hosts take turns; the emulator is killed under them now and then.
            Member victim = options.Topology == Topology.Hosts && kill % 4 == 3 ? cluster.StoreMember : cluster.Hosts[kill % cluster.Hosts.Count];
            if (options.HasWorkerProcess && victim != cluster.StoreMember && kill / 2 % 2 == 1)
            {
                await victim.KillWorkerAsync(cancellationToken);
                workerKills++;
                continue;
            }
            await victim.KillAsync();
            victim.Begin();
            if (random.NextDouble() < 0.2)
            {
                await Task.Delay(TimeSpan.FromSeconds(1.5 * random.NextDouble()), cancellationToken);
                await victim.KillAsync();
                killsAtStart++;
                victim.Begin();
            }
            await victim.WaitUntilReadyAsync(cancellationToken);
            if (victim == cluster.StoreMember)
            {
                await faults.BeginAsync(random.Next(), cancellationToken);
            }
        }
    }

    /// <summary>
    /// A host is stopped in the middle of whatever it does. The other one takes its leases over and handles its batches. Then it goes on
    /// and knows of nothing: both are at work on the same batch.
    /// </summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using RawStore store = new(cluster.Store);
        long known = 0;
        long races = 0;
        for (int pause = 0; pause < options.Pauses; pause++)
        {
            await Task.Delay(options.LongestLife * random.NextDouble(), cancellationToken);
            Member host = cluster.Hosts[pause % 2];
            Uri api = host.Api!;
            (long knownBefore, long racesBefore) = (host.Feed.Known, cluster.Hosts.Sum(h => h.Feed.LostRaces));
            await host.PauseAsync();
            await Leases.TakenOverAsync(store, options, cancellationToken);
            await host.ContinueAsync(api);
            await Task.Delay(options.LeaseExpiration, cancellationToken);
            known += host.Feed.Known - knownBefore;
            races += cluster.Hosts.Sum(h => h.Feed.LostRaces) - racesBefore;
        }
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"\nhosts that went on after a stop: {known:N0} batches that the other one had handled before, {races:N0} writes of views that met the other one's"));
        if (options.Pauses > 0 && known + races == 0)
        {
            discrepancies.Add("No batch was handled by both hosts: the run has not shown what it should.");
        }
    }

    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        using RawStore store = new(cluster.Store);
        await Task.Delay(options.LongestLife * random.NextDouble(), cancellationToken);
        await cluster.Hosts[0].KillAsync();
        TimeSpan taken = await Leases.TakenOverAsync(store, options, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\nthe leases of the dead host were taken over after {taken.TotalSeconds:F1} s"));
    }

    /// <summary>Waits, and reads the numbers of faults all the while: they die with the emulator.</summary>
    private static async Task CountForAsync(FaultPlan faults, TimeSpan time, CancellationToken cancellationToken)
    {
        TimeSpan step = TimeSpan.FromMilliseconds(100);
        for (; time > step; time -= step)
        {
            await Task.Delay(step, cancellationToken);
            await faults.CountAsync(cancellationToken);
        }
        await Task.Delay(time, cancellationToken);
    }

    /// <summary>Asks again while a view is behind or the system wants to be left alone for a moment.</summary>
    private async Task<JsonNode> GetAsync(HttpClient http, string path, int attempts, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri(cluster.Apis[0], path), cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return JsonNode.Parse(body)!;
            }
            CounterexampleException.ThrowUnless(
                response.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable && attempt < attempts,
                () => $"GET {path} is still answered with {(int)response.StatusCode}: {body}");
        }
    }

    private async Task WriteTotalsAsync(FaultPlan faults)
    {
        string[] struck = [.. faults.Totals.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Value:N0} × {f.Key}"))];
        int restarts = cluster.All.Sum(m => m.Starts - 1);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""

            commands sent {sent.Count:N0}: accepted {sent.Count(c => c.HasEvents):N0}, nothing to do {sent.Count(c => c.Standing == Standing.Accepted && !c.HasEvents):N0}, rejected {sent.Count(c => c.Standing == Standing.Rejected):N0}, given up {sent.Count(c => c.Standing == Standing.Open):N0}
            requests {counts.Attempts:N0}: {counts.AnswersLost:N0} without an answer, {counts.AskedToWait:N0} asked to come again, {counts.SentTwiceAtOnce:N0} sent twice at once, {counts.SentAgainLater:N0} sent again later, {counts.Taken:N0} taken by the inbox
            kills {restarts + (options.Topology == Topology.Hosts ? 1 : 0):N0} ({killsAtStart:N0} during a start), restarts {restarts:N0}; kills of workers {workerKills:N0}
            faults of the database, at least {faults.Totals.Values.Sum():N0}: {string.Join(", ", struck)}
            batches of the change feed {cluster.Hosts.Sum(h => h.Feed.Batches):N0}: {cluster.Hosts.Sum(h => h.Feed.Known):N0} without anything new, {cluster.Hosts.Sum(h => h.Feed.LostRaces):N0} lost races; events healed by the auditor {cluster.Hosts.Sum(h => h.Feed.Healed):N0}
            """));
    }

    private string Describe() => (options.Topology, options.HasWorkerProcess) switch
    {
        (Topology.Whole, false) => $"emulator and functions in one process, {options.Partitions} partitions",
        (Topology.Whole, true) => $"emulator and host in one process, the functions in another, {options.Partitions} partitions",
        (_, false) => $"an emulator and two functions hosts, {options.Partitions} partitions",
        (_, true) => $"an emulator and two functions hosts with a worker each, {options.Partitions} partitions",
    };
}
