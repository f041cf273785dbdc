using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Serverless.FaultHarness.Checks;
using Serverless.FaultHarness.Load;
using Serverless.FaultHarness.Running;

namespace Serverless.FaultHarness.Endurance;

/// <summary>
/// A steady load for a long time, without faults: what it does to memory and to the lag of views, and every check at the end. The emulator
/// keeps every item in memory and grows with what is stored, so it is a process of its own, and the functions are measured.
/// </summary>
internal sealed class LoadRun(LoadOptions options, TextWriter output) : IAsyncDisposable
{
    // What may differ between the second and the last third without being growth.
    private const double Slack = 1.2;
    private static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(10);

    private readonly string directory = Directory.CreateTempSubdirectory("load-").FullName;
    private readonly LoadCounts counts = new();
    private readonly List<Sample> samples = [];
    private ChildProcess? store;
    private ChildProcess? host;
    private long heap;

    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {options.Seed}; {options.Clients} clients, {options.Rate} commands/s wanted, for {options.Duration.TotalMinutes:0} min; an emulator that keeps its data on disk, and a functions host; {Environment.ProcessorCount} processors"));
        (Uri storeAddress, Uri api) = await StartAsync(cancellationToken);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using LagProbe probe = new(api);
        BankClient[] clients = [.. Enumerable.Range(0, options.Clients).Select(n => new BankClient(new Workload(options.Seed, n, options.Clients, hasLongIds: false), () => [api], counts))];
        TimeSpan pace = TimeSpan.FromSeconds((double)options.Clients / options.Rate);
        Task load = Task.WhenAll([probe.RunAsync(stop.Token), .. clients.Select(c => c.RunAsync(pace, stop.Token))]);
        await SampleAsync(probe, cancellationToken);
        await stop.CancelAsync();
        await load;
        bool isSteady = await JudgeAsync();
        bool isRight = await CheckAsync(clients, storeAddress, api, cancellationToken);
        Array.ForEach(clients, c => c.Dispose());
        return isSteady && isRight;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess? child in (ChildProcess?[])[host, store])
        {
            if (child is not null)
            {
                await child.DisposeAsync();
            }
        }
        Directory.Delete(directory, recursive: true);
    }

    private async Task<(Uri Store, Uri Api)> StartAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, string> none = [];
        store = ChildProcess.Start("emulator", "Serverless.CosmosEmulator.dll", ["--port", "0", "--data", directory, "--partitions", "2"], none, onLine: null);
        Uri storeAddress = new((await store.LineAsync(Member.EmulatorLine, cancellationToken)).Groups[1].Value);
        host = ChildProcess.Start(
            "host", "Serverless.FaultHarness.dll", [MeasuredHost.Verb, "--port", "0", "--cosmos", storeAddress.AbsoluteUri], none,
            line => heap = MeasuredHost.HeapOf(line) ?? heap);
        Uri api = new((await host.LineAsync(Member.ApiLine, cancellationToken)).Groups[1].Value + "/");
        return (storeAddress, api);
    }

    private async Task SampleAsync(LagProbe probe, CancellationToken cancellationToken)
    {
        const double MB = 1024 * 1024;
        await output.WriteLineAsync(Sample.Heading);
        long start = Stopwatch.GetTimestamp();
        long answered = 0;
        while (Stopwatch.GetElapsedTime(start) < options.Duration)
        {
            await Task.Delay(MeasuredHost.Interval, cancellationToken);
            double[] lags = probe.Take();
            Sample sample = new(
                Stopwatch.GetElapsedTime(start), counts.Answered - answered, host!.WorkingSetBytes / MB, heap / MB, store!.WorkingSetBytes / MB,
                Sample.Median(lags), lags.Append(0).Max(), Sample.ReadMachineLoad());
            answered = counts.Answered;
            samples.Add(sample);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{sample.At.TotalSeconds,5:0} s  {sample.Commands / MeasuredHost.Interval.TotalSeconds,10:F1}  {sample.HostMemory,7:F0}  {sample.HostHeap,15:F1}  {sample.StoreMemory,11:F0}  {sample.LagMedian,13:F0}  {sample.LagMax,10:F0}  {sample.MachineLoad,12:F1}"));
        }
    }

    /// <summary>Whether the last third needed no more than the second: the first is warming up.</summary>
    private async Task<bool> JudgeAsync()
    {
        Sample[] second = [.. samples.Skip(samples.Count / 3).Take(samples.Count / 3)];
        Sample[] last = [.. samples.Skip(samples.Count / 3 * 2)];
        bool isSteady = true;
        foreach ((string what, Func<Sample, double> value) in (ReadOnlySpan<(string, Func<Sample, double>)>)
            [("host MB", s => s.HostMemory), ("host GC heap MB", s => s.HostHeap)])
        {
            (double before, double after) = (Sample.Median(second.Select(value)), Sample.Median(last.Select(value)));
            bool isFlat = after <= before * Slack;
            isSteady &= isFlat;
            Write($"{what}: median {before:F1} in the second third, {after:F1} in the last: {(isFlat ? "flat" : "WRONG, it grows")}");
        }
        double worst = samples.Max(s => s.LagMax);
        bool isBounded = worst <= MaxLag.TotalMilliseconds;
        Write($"lag of views: median {Sample.Median(second.Select(s => s.LagMedian)):F0} ms in the second third, {Sample.Median(last.Select(s => s.LagMedian)):F0} ms in the last, at most {worst:F0} ms: {(isBounded ? "bounded" : $"WRONG, more than {MaxLag.TotalSeconds:0} s")}");
        await output.FlushAsync();
        return isSteady && isBounded;

        void Write(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<bool> CheckAsync(BankClient[] clients, Uri storeAddress, Uri api, CancellationToken cancellationToken)
    {
        using RawStore raw = new(storeAddress);
        using HttpClient http = new() { BaseAddress = api };
        SentCommand[] sent = [.. clients.SelectMany(c => c.Sent)];
        TimeSpan caughtUp = await CatchUp.WaitAsync(raw, TimeSpan.FromMinutes(5), cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"all views caught up and all transfers ended {caughtUp.TotalSeconds:F1} s after the last command"));
        // The probe's commands are the same in kind, and nobody's here.
        Verification verification = new(sent, attemptsMayOutliveTheirAnswers: false) { KnowsEveryCommand = false };
        await verification.RunAsync(raw, async path => await GetAsync(http, path, cancellationToken), cancellationToken);
        foreach (string line in verification.Passed)
        {
            await output.WriteLineAsync($"  {line}");
        }
        string[] wrong = [.. verification.Failed, .. clients.SelectMany(c => c.Discrepancies)];
        foreach (string line in wrong)
        {
            await output.WriteLineAsync($"  WRONG {line}");
        }
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"commands {sent.Length:N0}, requests {counts.Attempts:N0}, asked to come again {counts.AskedToWait:N0}, without an answer {counts.AnswersLost:N0}; stored {verification.Commits:N0} commits in {verification.Streams:N0} streams"));
        return wrong.Length == 0;
    }

    private static async Task<JsonNode> GetAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute), cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return JsonNode.Parse(body)!;
            }
            CounterexampleException.ThrowUnless(
                response.StatusCode == HttpStatusCode.Accepted, () => $"GET {path} is answered with {(int)response.StatusCode}: {body}");
        }
    }
}
