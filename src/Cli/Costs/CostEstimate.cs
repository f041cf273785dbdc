using Serverless.EventSourcing;

namespace Serverless.Cli.Costs;

/// <summary>One kind of work in a day: how often the database is asked, and what that costs.</summary>
internal sealed record CostLine(string Work, string Formula, double Requests, double RequestUnits);

/// <summary>One way to pay for a month, or one part of what everybody pays.</summary>
internal sealed record MoneyLine(string What, string Formula, double Dollars);

/// <summary>
/// Pure arithmetic. Counts of requests are those that tests and `benchmarks -- costs` see; the charge of each is published or estimated, by its
/// size. docs/costs.md explains every line.
/// </summary>
internal sealed class CostEstimate
{
    public const double DaysOfMonth = 30;

    // What feeds, leases, timers and records do by the clock: the delays of the triggers in src/Functions, the schedules of the templates, the
    // defaults of the change feed processor.
    private const double PollSeconds = 1;
    private const double TimerSeconds = 300;
    private const double RecordSeconds = 10;
    private const double RenewSeconds = 17;
    private const double AcquireSeconds = 13;

    // Measured: what a stored commit has beside the data of its events and its command, and documents smaller than 1 KB.
    public const double CommitOverheadBytes = 670;
    private const double SmallItemBytes = 1_024;

    private const double StoreContainers = 8;
    private const double SmallestGigabytes = 1;
    private const double SmallestThroughput = 400;
    private const double AutoscaleStep = 1_000;

    private readonly CostInput input;

    private CostEstimate(CostInput input)
    {
        this.input = input;
        Lines = [.. Commands(), .. Consumers(), .. ByTheClock()];
        Money = [.. Throughput(), .. Rest()];
    }

    public IReadOnlyList<CostLine> Lines { get; }

    public IReadOnlyList<MoneyLine> Money { get; }

    /// <summary>The letters of the formulas, with their values.</summary>
    public IReadOnlyList<(string Name, string Meaning, double Value)> Terms =>
    [
        ("n", "commands accepted in a day", Accepted),
        ("s", "seconds of a day in which an instance runs", Seconds),
        ("p", "physical partitions", input.Partitions),
        ("k", "commits of a stream written at once", input.CommitsPerWrite),
        ("f", "feeds of commits: views, processes", Feeds),
        ("c", "bytes of a stored commit", CommitBytes),
        ("v", "bytes of a view document or entry", input.ViewSizeBytes),
        ("b", "batches of one feed in a day", Batches),
        ("t", "runs of each timer in a day: auditor, retries", TimerRuns),
        ("a", "runs of the auditor with something to audit", AuditingRuns),
        ("w", "intervals of 10 s in which something happens", Windows),
        ("R(x)", "reading an item of x bytes; R(c)", ItemCharge.Read(CommitBytes)),
        ("W(x)", "writing an item of x bytes; W(c)", ItemCharge.Write(CommitBytes)),
    ];

    public double Requests => Lines.Sum(l => l.Requests);

    public double RequestUnits => Lines.Sum(l => l.RequestUnits);

    /// <summary>By which the store grows in a month; indexes come on top.</summary>
    public double GigabytesPerMonth => DaysOfMonth / 1e9 * Accepted * (CommitBytes + (input.EntryViews * input.ViewSizeBytes));

    public double CommitBytes => CommitOverheadBytes + ((input.EventsPerCommand + 1) * input.EventSizeBytes); // The command is about as large as an event.

    private double Accepted => input.CommandsPerDay;

    private double Seconds => input.ActiveHours * 3_600;

    private double Views => input.DocumentViews + input.EntryViews + input.TotalViews;

    private double Feeds => Views + input.Processes;

    private double TimerRuns => Seconds / TimerSeconds;

    private double AuditingRuns => Filled(TimerRuns, Accepted);

    private double Writes => Accepted / input.CommitsPerWrite;

    private double FenceMoves => Accepted / ProcessConsumer.MaxUnfencedVersions;

    private double Windows => Filled(Seconds / RecordSeconds, Accepted);

    public static CostEstimate Of(CostInput input) => new(input);

    private IEnumerable<CostLine> Commands()
    {
        yield return new(
            "commands: one create each", "n × (W(c) + 4 × 0.2)",
            Accepted, Accepted * (ItemCharge.Write(CommitBytes) + (4 * ItemCharge.IndexTerm)));
        double cold = Accepted * input.ColdPercent / 100;
        yield return new("loading of streams that are not remembered", "n × cold % × query", cold, cold * ItemCharge.Query);
        double refused = Accepted * input.RefusedPercent / 100;
        yield return new(
            "refused commands: tail, and record", "n × refused % × (query + W(c) + 0.2)",
            2 * refused, refused * (ItemCharge.Query + ItemCharge.Write(CommitBytes) + ItemCharge.IndexTerm));
        double inbox = Accepted * input.InboxPercent / 100;
        yield return new(
            "inbox: taken, read twice, outcome, both delivered", "n × inbox % × (3 × W(c) + 4 × R(c))",
            5 * inbox, inbox * ((3 * ItemCharge.Write(CommitBytes)) + (4 * ItemCharge.Read(CommitBytes))));
    }

    private IEnumerable<CostLine> Consumers()
    {
        double batches = Feeds * Batches;
        yield return new(
            "pages of feeds, the auditor's too", "(f + 1) × n × R(c)",
            batches + AuditingRuns, (Feeds + 1) * Accepted * ItemCharge.Read(CommitBytes));
        yield return new(
            "acknowledgements: a lease is written, read and written again", "f × b × (1.24 + R + 2 × W)",
            3 * batches, batches * (ItemCharge.Refusal + ItemCharge.Read(SmallItemBytes) + (2 * ItemCharge.Write(SmallItemBytes))));
        yield return new(
            "document views: one replace", "views × n/k × 2 × W(v)",
            input.DocumentViews * Writes, input.DocumentViews * Writes * 2 * ItemCharge.Write(input.ViewSizeBytes));
        yield return new(
            "entries: header and entries in one batch", "views × (n × (W(v) + 3 × 0.2) + n/k × 2 × W)",
            input.EntryViews * Writes,
            input.EntryViews * ((Accepted * (ItemCharge.Write(input.ViewSizeBytes) + (3 * ItemCharge.IndexTerm))) + (Writes * 2 * ItemCharge.Write(SmallItemBytes))));
        yield return new(
            "totals: markers and total in one batch", "views × (n/k × 2 × W + b × 2 × W(v))",
            input.TotalViews * Batches,
            input.TotalViews * ((Writes * 2 * ItemCharge.Write(SmallItemBytes)) + (Batches * 2 * ItemCharge.Write(input.ViewSizeBytes))));
        yield return new(
            "processes: a fence moves, steps are commands", $"processes × n/{ProcessConsumer.MaxUnfencedVersions} × (R + 2 × W)",
            2 * input.Processes * FenceMoves, input.Processes * FenceMoves * (ItemCharge.Read(SmallItemBytes) + (2 * ItemCharge.Write(SmallItemBytes))));
        yield return new(
            "audit: every consumer looks again", "f × n/k × R(v)",
            Feeds * Writes, Feeds * Writes * ItemCharge.Read(input.ViewSizeBytes));
        yield return new(
            "records of consumers", "w × f × (query + R + 2 × W) + w × views × R",
            Windows * ((3 * Feeds) + Views),
            Windows * ((Feeds * (ItemCharge.Query + ItemCharge.Read(SmallItemBytes) + (2 * ItemCharge.Write(SmallItemBytes)))) + (Views * ItemCharge.Read(SmallItemBytes))));
    }

    /// <summary>Also when nothing happens: the feeds of commits and of the inbox every second, the timers every five minutes.</summary>
    private IEnumerable<CostLine> ByTheClock()
    {
        double leases = (Feeds * input.Partitions) + 1;
        double looks = Seconds / PollSeconds * leases;
        yield return new("empty looks at feeds", "s × (f × p + 1)", looks, looks * ItemCharge.EmptyLook);
        double renewals = Seconds / RenewSeconds * leases;
        yield return new(
            "renewal of leases", "s / 17 × (f × p + 1) × (R + 2 × W)",
            2 * renewals, renewals * (ItemCharge.Read(SmallItemBytes) + (2 * ItemCharge.Write(SmallItemBytes))));
        double searches = Seconds / AcquireSeconds * (Feeds + 1);
        yield return new("looking for leases to take", "s / 13 × (f + 1) × query", searches, searches * ItemCharge.Query);
        double kept = AuditingRuns;
        yield return new(
            "runs of the auditor and of the retries", "t × ((1 + 2 × views) × R + p + f × query) + a × (R + 2 × W)",
            (TimerRuns * (1 + (2 * Views) + input.Partitions + Feeds)) + (2 * kept),
            (TimerRuns * (((1 + (2 * Views)) * ItemCharge.Read(SmallItemBytes)) + (input.Partitions * ItemCharge.EmptyLook) + (Feeds * ItemCharge.Query)))
                + (kept * (ItemCharge.Read(SmallItemBytes) + (2 * ItemCharge.Write(SmallItemBytes)))));
    }

    private IEnumerable<MoneyLine> Throughput()
    {
        Prices prices = input.Prices;
        yield return new(
            "Cosmos DB, serverless", "RU × 30 / 1,000,000 × price", RequestUnits * DaysOfMonth / 1e6 * prices.MillionRequestUnits);
        double peak = RequestUnits / 86_400 * input.PeakFactor;
        double autoscale = Math.Max(AutoscaleStep, Math.Ceiling(peak / AutoscaleStep) * AutoscaleStep);
        yield return new(
            "or autoscale", "max(peak RU/s, a tenth of the maximum) / 100 × 720 × price",
            Math.Max(peak, autoscale / 10) / 100 * 24 * DaysOfMonth * prices.AutoscaleHour);
        double manual = Math.Max(SmallestThroughput, Math.Ceiling(peak / 100) * 100);
        yield return new("or manual throughput", "peak RU/s / 100 × 720 × price", manual / 100 * 24 * DaysOfMonth * prices.ProvisionedHour);
    }

    private IEnumerable<MoneyLine> Rest()
    {
        Prices prices = input.Prices;
        double stored = Math.Max(GigabytesPerMonth, StoreContainers * SmallestGigabytes);
        yield return new("storage after the first month", "max(GB, 1 for each of 8 containers) × price", stored * prices.StoredGigabyte);
        double executions = DaysOfMonth * (
            (Accepted * (1 + (input.RefusedPercent / 100))) + (Feeds * Batches) + (2 * TimerRuns));
        yield return new(
            "Functions, executions", "(requests + batches + 2 × t) × 30 − free", Math.Max(0, executions - prices.FreeExecutions) / 1e6 * prices.MillionExecutions);
        // HTTP functions share instances; every other function has its own: the feeds of commits and of the inbox, and two timers.
        double groups = Feeds + 4;
        double seconds = Math.Min(executions * input.FunctionMilliseconds / 1_000, groups * Seconds * DaysOfMonth);
        yield return new(
            "Functions, memory while they run", "min(executions × time, (f + 4) × s × 30) × GB − free",
            Math.Max(0, (seconds * input.InstanceGigabytes) - prices.FreeGigabyteSeconds) * prices.GigabyteSecond);
    }

    /// <summary>What arrives at random within one interval comes in one batch.</summary>
    private double Batches => Filled(Seconds / PollSeconds * input.Partitions, Accepted);

    /// <summary>Of some boxes, how many are not empty when so many things fall into them at random.</summary>
    private static double Filled(double boxes, double things) => boxes == 0 ? 0 : boxes * (1 - Math.Exp(-things / boxes));
}
