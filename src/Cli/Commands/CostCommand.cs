using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Answers;
using Serverless.Cli.Costs;
using Serverless.Cli.Output;
using Serverless.EventSourcing;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl cost</c>: what a system would cost, by formulas that it shows. Asks no target.</summary>
internal static class CostCommand
{
    private static readonly CostInput Usual = new();

    private static readonly Number[] Numbers =
    [
        new("--commands-per-day", "Commands accepted in a day", "n", 0, 1e12, i => i.CommandsPerDay, (i, v) => i with { CommandsPerDay = v }),
        new("--event-size", "Bytes of the data of one event, as JSON", "bytes", 1, 1_000_000, i => i.EventSizeBytes, (i, v) => i with { EventSizeBytes = v }),
        new("--events-per-command", "Events of one command", "n", 1, 1_000, i => i.EventsPerCommand, (i, v) => i with { EventsPerCommand = v }),
        new("--view-size", "Bytes of a view document or an entry", "bytes", 1, 1_000_000, i => i.ViewSizeBytes, (i, v) => i with { ViewSizeBytes = v }),
        new("--projections", "Views that are one document for each key", "n", 0, 1_000, i => i.DocumentViews, (i, v) => i with { DocumentViews = v }),
        new("--entry-projections", "Views that are a list of entries for each key", "n", 0, 1_000, i => i.EntryViews, (i, v) => i with { EntryViews = v }),
        new("--total-projections", "Views that add up many streams", "n", 0, 1_000, i => i.TotalViews, (i, v) => i with { TotalViews = v }),
        new("--processes", "Process managers; what they send counts as commands", "n", 0, 1_000, i => i.Processes, (i, v) => i with { Processes = v }),
        new("--cold-percent", "Of 100 commands, those on streams that an instance has to load", "%", 0, 100, i => i.ColdPercent, (i, v) => i with { ColdPercent = v }),
        new("--refused-percent", "For 100 accepted commands, those that are refused and kept", "%", 0, 10_000, i => i.RefusedPercent, (i, v) => i with { RefusedPercent = v }),
        new("--inbox-percent", "Of 100 commands, those sent with Prefer: respond-async", "%", 0, 100, i => i.InboxPercent, (i, v) => i with { InboxPercent = v }),
        new("--commits-per-write", "Commits of one stream that reach a view together", "n", 1, 1_000, i => i.CommitsPerWrite, (i, v) => i with { CommitsPerWrite = v }),
        new("--partitions", "Physical partitions of the container of events", "n", 1, 10_000, i => i.Partitions, (i, v) => i with { Partitions = v }),
        new("--active-hours", "Hours of a day in which an instance runs", "h", 0, 24, i => i.ActiveHours, (i, v) => i with { ActiveHours = v }),
        new("--peak", "How many times the average the busiest time is, for throughput paid by the hour", "x", 1, 10_000, i => i.PeakFactor, (i, v) => i with { PeakFactor = v }),
        new("--function-ms", "How long a function runs on average", "ms", 1, 600_000, i => i.FunctionMilliseconds, (i, v) => i with { FunctionMilliseconds = v }),
        new("--instance-gb", "Memory of one instance", "GB", 0.5, 64, i => i.InstanceGigabytes, (i, v) => i with { InstanceGigabytes = v }),
        Price("--price-ru", "A million request units, serverless", p => p.MillionRequestUnits, (p, v) => p with { MillionRequestUnits = v }),
        Price("--price-autoscale", "100 RU/s for an hour, autoscale", p => p.AutoscaleHour, (p, v) => p with { AutoscaleHour = v }),
        Price("--price-provisioned", "100 RU/s for an hour, manual", p => p.ProvisionedHour, (p, v) => p with { ProvisionedHour = v }),
        Price("--price-storage", "A GB stored for a month", p => p.StoredGigabyte, (p, v) => p with { StoredGigabyte = v }),
        Price("--price-executions", "A million executions of functions", p => p.MillionExecutions, (p, v) => p with { MillionExecutions = v }),
        Price("--price-gb-second", "A GB-second of functions", p => p.GigabyteSecond, (p, v) => p with { GigabyteSecond = v }),
    ];

    public static Command Create(CommandFactory factory)
    {
        Dictionary<Number, Option<double>> options = Numbers.ToDictionary(n => n, n => n.ToOption());
        return factory.New(
            "cost",
            "What a system would cost in requests, request units and money, by formulas that are shown; asks nobody",
            (call, _) =>
            {
                CostInput input = options.Aggregate(Usual, (i, option) => option.Key.ReadInto(i, call.Parsed.GetValue(option.Value)));
                CostEstimate estimate = CostEstimate.Of(input);
                if (estimate.CommitBytes > Limits.MaxCommitBytes)
                {
                    throw ToolException.Usage(string.Create(
                        CultureInfo.InvariantCulture, $"A commit would have {estimate.CommitBytes:0} bytes; the store takes {Limits.MaxCommitBytes}: smaller or fewer events."));
                }
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(DocumentOf(estimate), ToolJson.Readable.CostDocument);
                }
                else
                {
                    Show(call.Screen, estimate);
                }
                return Task.FromResult(ExitCodes.Ok);
            },
            [.. options.Values]);
    }

    private static void Show(Screen screen, CostEstimate estimate)
    {
        ResultTable work = new("Work of a day", "Formula", "Requests", "RU");
        foreach (CostLine line in estimate.Lines.Where(l => l.Requests > 0))
        {
            work.AddRow(Cell.Text(line.Work), Cell.Text(line.Formula), Cell.Text(Whole(line.Requests)), Cell.Text(Whole(line.RequestUnits)));
        }
        work.AddRow(Cell.Text("together"), Cell.Text(""), Cell.Text(Whole(estimate.Requests)), Cell.Text(Whole(estimate.RequestUnits)));
        screen.Show(work);
        screen.Line("");
        ResultTable terms = new("Where", "is", "here");
        foreach ((string name, string meaning, double value) in estimate.Terms)
        {
            terms.AddRow(Cell.Text(name), Cell.Text(meaning), Cell.Text(value.ToString("#,0.##", CultureInfo.InvariantCulture)));
        }
        screen.Show(terms);
        screen.Line("");
        ResultTable money = new("Money of a month", "Formula", "US dollars");
        foreach (MoneyLine line in estimate.Money)
        {
            money.AddRow(Cell.Text(line.What), Cell.Text(line.Formula), Cell.Text(line.Dollars.ToString("#,0.00", CultureInfo.InvariantCulture)));
        }
        screen.Show(money);
        screen.Line("");
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"The store grows by {estimate.GigabytesPerMonth:#,0.##} GB a month. Charges are estimates and prices a default: docs/costs.md."));
    }

    private static CostDocument DocumentOf(CostEstimate estimate) => new(
        [.. estimate.Terms.Select(t => new CostTermDocument(t.Name, t.Meaning, t.Value))],
        [.. estimate.Lines.Select(l => new CostWorkDocument(l.Work, l.Formula, l.Requests, l.RequestUnits))],
        estimate.Requests,
        estimate.RequestUnits,
        estimate.RequestUnits * CostEstimate.DaysOfMonth,
        estimate.GigabytesPerMonth,
        [.. estimate.Money.Select(m => new CostMoneyDocument(m.What, m.Formula, m.Dollars))]);

    private static string Whole(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static Number Price(string name, string description, Func<Prices, double> read, Func<Prices, double, Prices> with) =>
        new(name, description, "$", 0, 1_000_000, i => read(i.Prices), (i, v) => i with { Prices = with(i.Prices, v) });

    /// <summary>An option that is a number, with its limits.</summary>
    private sealed record Number(
        string Name, string Description, string Unit, double Least, double Most, Func<CostInput, double> Read, Func<CostInput, double, CostInput> With)
    {
        public Option<double> ToOption() => new(Name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{Description} ({Read(Usual):0.######})"),
            HelpName = Unit,
            DefaultValueFactory = _ => Read(Usual),
            CustomParser = result => double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN,
        };

        public CostInput ReadInto(CostInput input, double value) => value >= Least && value <= Most
            ? With(input, value)
            : throw ToolException.Usage(string.Create(CultureInfo.InvariantCulture, $"{Name} is a number from {Least:0.##} to {Most:0.##}."));
    }
}
