using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Serverless.Cli.Costs;
using Serverless.EventSourcing;
using Serverless.Functions;
using Serverless.Functions.Projections;

namespace Serverless.Cli.Tests.Costs;

/// <summary>The arithmetic, against cases that were worked out by hand.</summary>
public sealed class CostEstimateTests
{
    /// <summary>Nothing but commands: every line of consumers is zero, or that of a timer.</summary>
    private static readonly CostInput NoConsumers = new()
    {
        DocumentViews = 0,
        EntryViews = 0,
        TotalViews = 0,
        Processes = 0,
        ColdPercent = 0,
        RefusedPercent = 0,
        EventSizeBytes = 177, // c is 1,024.
    };

    [Theory]
    [InlineData(1, 1.00, 4.95)]
    [InlineData(1_024, 1.00, 4.95)]
    [InlineData(2_048, 1.04, 6.29)]
    [InlineData(3_072, 1.09, 6.48)]
    [InlineData(102_400, 7.68, 37.03)]
    [InlineData(2_097_152, 291.80, 1250.00)]
    public void Reading_and_writing_cost_what_is_published_for_the_size(double bytes, double read, double write)
    {
        Assert.Equal(read, ItemCharge.Read(bytes), 0.006);
        Assert.Equal(write, ItemCharge.Write(bytes), 0.006);
    }

    [Fact]
    public void An_hour_in_which_nothing_happens_costs_what_was_measured()
    {
        CostEstimate hour = CostEstimate.Of(new CostInput { CommandsPerDay = 0, ActiveHours = 1 });

        Assert.Equal(21_600, LineOf(hour, "empty looks").RequestUnits, 0.01); // Six feeds every second.
        Assert.Equal(13_849.41, LineOf(hour, "renewal").RequestUnits, 0.01); // 6 leases × 3,600 / 17 × 10.9.
        Assert.Equal(4_336.62, LineOf(hour, "looking for leases").RequestUnits, 0.01); // 6 × 3,600 / 13 × 2.61.
        Assert.Equal(276.60, LineOf(hour, "runs of the auditor").RequestUnits, 0.01); // 12 × (9 × 1 + 1 + 5 × 2.61).
        Assert.Equal(40_062.63, hour.RequestUnits, 0.01);
        Assert.InRange(hour.RequestUnits, 40_978 * 0.97, 40_978 * 1.03); // benchmarks -- costs
    }

    [Fact]
    public void Nothing_is_asked_while_no_instance_runs() =>
        Assert.Equal(0, CostEstimate.Of(new CostInput { CommandsPerDay = 0, ActiveHours = 0 }).RequestUnits);

    [Fact]
    public void Commands_are_creates_and_some_have_a_query_before()
    {
        CostEstimate estimate = CostEstimate.Of(NoConsumers with { CommandsPerDay = 1_000, ColdPercent = 20, RefusedPercent = 1, InboxPercent = 10 });

        Assert.Equal((1_000, 5_750), Rounded(LineOf(estimate, "commands")));
        Assert.Equal((200, 522), Rounded(LineOf(estimate, "loading")));
        Assert.Equal((20, 77.6), Rounded(LineOf(estimate, "refused")));
        Assert.Equal((500, 1_885), Rounded(LineOf(estimate, "inbox"))); // 100 × (3 × 4.95 + 4).
        Assert.Equal(1_000, LineOf(estimate, "pages").RequestUnits, 0.01); // The auditor's.
    }

    [Fact]
    public void Commits_that_come_together_are_written_to_a_view_at_once()
    {
        CostEstimate estimate = CostEstimate.Of(new CostInput { CommandsPerDay = 800, CommitsPerWrite = 4, DocumentViews = 3 });

        Assert.Equal((600, 5_940), Rounded(LineOf(estimate, "document views"))); // 3 × 200 × 9.9.
        Assert.Equal((200, 6_420), Rounded(LineOf(estimate, "entries"))); // 800 × 5.55 + 200 × 9.9.
        Assert.Equal((16, 87.2), Rounded(LineOf(estimate, "processes"))); // 8 × 10.9.
        Assert.Equal((1_200, 1_200), Rounded(LineOf(estimate, "audit:"))); // 6 × 200.
    }

    [Fact]
    public void A_busy_feed_is_acknowledged_once_for_each_look_and_a_quiet_one_once_for_each_commit()
    {
        const double Acknowledgement = 1.24 + 1 + (2 * 4.95);
        CostEstimate busy = CostEstimate.Of(NoConsumers with { CommandsPerDay = 1e9, DocumentViews = 1 });
        CostEstimate quiet = CostEstimate.Of(NoConsumers with { CommandsPerDay = 1, DocumentViews = 1 });

        Assert.Equal(86_400 * Acknowledgement, LineOf(busy, "acknowledgements").RequestUnits, 0.01);
        Assert.Equal(Acknowledgement, LineOf(quiet, "acknowledgements").RequestUnits, 0.01);
    }

    [Fact]
    public void Every_partition_is_a_lease_and_a_look_for_each_feed_of_commits()
    {
        CostEstimate one = CostEstimate.Of(new CostInput { CommandsPerDay = 0 });
        CostEstimate three = CostEstimate.Of(new CostInput { CommandsPerDay = 0, Partitions = 3 });

        Assert.Equal(2 * 86_400 * 5.0, LineOf(three, "empty looks").RequestUnits - LineOf(one, "empty looks").RequestUnits, 0.01);
        Assert.Equal(86_400 / 17.0 * 10 * 10.9, LineOf(three, "renewal").RequestUnits - LineOf(one, "renewal").RequestUnits, 0.01);
    }

    [Fact]
    public void A_month_of_idling_costs_so_much_in_each_way_to_pay()
    {
        CostEstimate idle = CostEstimate.Of(new CostInput { CommandsPerDay = 0 }); // 961,503 RU a day, 44.5 RU/s at its peak.

        Assert.Equal(7.21, MoneyOf(idle, "Cosmos DB, serverless"), 0.005);
        Assert.Equal(8.64, MoneyOf(idle, "or autoscale"), 0.005); // A tenth of the smallest maximum, 1,000 RU/s.
        Assert.Equal(23.04, MoneyOf(idle, "or manual throughput"), 0.005); // 400 RU/s.
        Assert.Equal(2.00, MoneyOf(idle, "storage"), 0.005); // 1 GB for each container.
        Assert.Equal(0, MoneyOf(idle, "Functions, executions"));
    }

    [Fact]
    public void Functions_cost_their_executions_and_at_most_the_whole_time_of_an_instance_per_group()
    {
        CostEstimate estimate = CostEstimate.Of(NoConsumers with { CommandsPerDay = 1_000_000 });

        Assert.Equal(11.91, MoneyOf(estimate, "Functions, executions"), 0.005); // 30 × 1,000,576 − 250,000, at 0.40.
        Assert.Equal(153.49, MoneyOf(estimate, "Functions, memory"), 0.005); // 3,001,728 s × 2 GB − 100,000, at 0.000026.
        // HTTP, the inbox and two timers: four groups, 4 × 2,592,000 s.
        Assert.Equal(536.54, MoneyOf(CostEstimate.Of(NoConsumers with { CommandsPerDay = 10_000_000 }), "Functions, memory"), 0.005);
    }

    [Fact]
    public void The_store_grows_by_commits_and_entries() =>
        Assert.Equal(1e6 * 30 * (1_024 + 600) / 1e9, CostEstimate.Of(NoConsumers with { CommandsPerDay = 1_000_000, EntryViews = 1 }).GigabytesPerMonth, 0.0001);

    [Fact]
    public void The_clock_is_that_of_the_triggers()
    {
        CosmosDBTriggerAttribute[] triggers =
        [
            .. typeof(ServiceRegistration).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetParameters())
                .Select(p => p.GetCustomAttribute<CosmosDBTriggerAttribute>()).OfType<CosmosDBTriggerAttribute>()
                .Where(t => t.LeaseContainerPrefix != $"%{NextVersionFunctions.Setting}%"), // Disabled where nothing is built.
        ];
        CostInput bank = new();

        Assert.Equal(bank.DocumentViews + bank.EntryViews + bank.TotalViews + bank.Processes + 1, triggers.Length);
        Assert.All(triggers, t => Assert.Equal(1_000, t.FeedPollDelay));
        Assert.Equal(0, triggers.Sum(t => t.LeaseRenewInterval + t.LeaseAcquireInterval)); // The processor's own.
        Assert.Equal(TimeSpan.FromSeconds(10), new ConsumerOptions().RecordInterval);
    }

    private static CostLine LineOf(CostEstimate estimate, string begin) =>
        estimate.Lines.Single(l => l.Work.StartsWith(begin, StringComparison.Ordinal));

    private static double MoneyOf(CostEstimate estimate, string begin) =>
        estimate.Money.Single(l => l.What.StartsWith(begin, StringComparison.Ordinal)).Dollars;

    private static (double Requests, double RequestUnits) Rounded(CostLine line) => (Math.Round(line.Requests, 2), Math.Round(line.RequestUnits, 2));
}
