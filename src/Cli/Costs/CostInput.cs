namespace Serverless.Cli.Costs;

/// <summary>What a system has to do in a day, and what its owner pays. The defaults are a small example.</summary>
internal sealed record CostInput
{
    public double CommandsPerDay { get; init; } = 100_000;

    /// <summary>JSON of the data of one event.</summary>
    public double EventSizeBytes { get; init; } = 200;

    public double EventsPerCommand { get; init; } = 1;

    /// <summary>Of a view document or an entry.</summary>
    public double ViewSizeBytes { get; init; } = 600;

    public double DocumentViews { get; init; } = 2;

    public double EntryViews { get; init; } = 1;

    public double TotalViews { get; init; } = 1;

    public double Processes { get; init; } = 1;

    /// <summary>Of 100 commands, those whose stream the instance does not remember.</summary>
    public double ColdPercent { get; init; } = 20;

    /// <summary>Refused by a policy, and kept; they come on top.</summary>
    public double RefusedPercent { get; init; } = 1;

    /// <summary>Of 100 commands, those that are sent to the inbox.</summary>
    public double InboxPercent { get; init; }

    /// <summary>Commits of one stream that come in one batch and are written to a view at once.</summary>
    public double CommitsPerWrite { get; init; } = 1;

    /// <summary>Physical partitions of the container of events; each is a lease for each feed.</summary>
    public double Partitions { get; init; } = 1;

    /// <summary>Hours of a day in which an instance runs, and feeds are looked at.</summary>
    public double ActiveHours { get; init; } = 24;

    /// <summary>How many times the average the load is at its highest, for throughput that is paid by the hour.</summary>
    public double PeakFactor { get; init; } = 4;

    /// <summary>How long a function runs, on average; waiting for the database counts.</summary>
    public double FunctionMilliseconds { get; init; } = 100;

    public double InstanceGigabytes { get; init; } = 2;

    public Prices Prices { get; init; } = new();
}

/// <summary>US dollars, one region in the United States, as found in November 2026: docs/costs.md names the sources. Yours may be others.</summary>
internal sealed record Prices
{
    public double MillionRequestUnits { get; init; } = 0.25;

    /// <summary>For 100 RU/s and an hour, manual throughput.</summary>
    public double ProvisionedHour { get; init; } = 0.008;

    /// <summary>For 100 RU/s and an hour, autoscale.</summary>
    public double AutoscaleHour { get; init; } = 0.012;

    /// <summary>For a GB and a month.</summary>
    public double StoredGigabyte { get; init; } = 0.25;

    public double MillionExecutions { get; init; } = 0.40;

    public double GigabyteSecond { get; init; } = 0.000026;

    public double FreeExecutions { get; init; } = 250_000;

    public double FreeGigabyteSeconds { get; init; } = 100_000;
}
