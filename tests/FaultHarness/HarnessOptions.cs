using System.Globalization;

namespace Serverless.FaultHarness;

/// <summary>What runs: everything in one process, or an emulator and two functions hosts that share it.</summary>
internal enum Topology
{
    Whole,
    Hosts,
}

/// <summary>What the command line says.</summary>
internal sealed record HarnessOptions
{
    public Topology Topology { get; init; } = Topology.Whole;

    /// <summary>Whether the functions run in processes of their own, which are killed as often as their hosts.</summary>
    public bool HasWorkerProcess { get; init; }

    public int Kills { get; init; } = 30;

    /// <summary>How often a functions host is stopped for longer than its leases last; with two hosts only.</summary>
    public int Pauses { get; init; } = 6;

    public Mixes Mixes { get; init; } = Mixes.All;

    public int Clients { get; init; } = 8;

    /// <summary>What every random choice starts from. The processes and the network choose too, so a seed repeats the load, not the run.</summary>
    public int Seed { get; init; } = 7;

    public int Partitions { get; init; } = 2;

    /// <summary>How soon the leases of a dead host are taken over.</summary>
    public TimeSpan LeaseExpiration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest time from a start to the kill.</summary>
    public TimeSpan LongestLife { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long views and transfers may take at the end before they count as stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    public const string Usage = """
        dotnet run --project tests/FaultHarness -- [options]
        dotnet run --project tests/FaultHarness -- load [options]

        Kills the system again and again under load while its database fails on demand, then checks everything that is stored.

          --system whole|hosts   emulator and functions in one process, or an
                                 emulator and two functions hosts            (whole)
          --worker-process       functions in processes of their own, which are
                                 killed apart from their hosts
          --kills N              kill -9 and restart so often                 (30)
          --pauses N             with hosts: stop a host for longer than its
                                 leases last, so often                         (6)
          --mixes LIST           what else is in it: lag, longids, poison,
                                 clocks; all or none                         (all)
          --clients N            side by side                                  (8)
          --seed N               of the load, the faults and the moments       (7)
          --partitions N         physical partitions of each container         (2)
          --lease-seconds N      how soon a dead host's leases are taken over  (3)
          --quick                few kills and short lives

        load: the same clients without faults, and what that does to memory and lag.

          --minutes N            how long                                     (10)
          --clients N            side by side                                 (16)
          --rate N               commands a second, of all clients together  (100)
          --seed N               of the load                                   (7)
        """;

    /// <summary>Few kills, for a run among other tests.</summary>
    public HarnessOptions Quick() => this with { Kills = 4, Pauses = 1, LongestLife = TimeSpan.FromSeconds(2), LeaseExpiration = TimeSpan.FromSeconds(2) };

    /// <exception cref="FormatException">An option is unknown or its value is not possible; the message says which.</exception>
    public static HarnessOptions Parse(IReadOnlyList<string> args)
    {
        HarnessOptions options = args.Contains("--quick") ? new HarnessOptions().Quick() : new HarnessOptions();
        for (int i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--system" => options with { Topology = System(args, ref i) },
                "--worker-process" => options with { HasWorkerProcess = true },
                "--kills" => options with { Kills = Number(args, ref i, 0, 10_000) },
                "--pauses" => options with { Pauses = Number(args, ref i, 0, 10_000) },
                "--mixes" => options with { Mixes = MixesOf(args, ref i) },
                "--clients" => options with { Clients = Number(args, ref i, 1, 256) },
                "--seed" => options with { Seed = Number(args, ref i, 0, int.MaxValue) },
                "--partitions" => options with { Partitions = Number(args, ref i, 1, 100) },
                "--lease-seconds" => options with { LeaseExpiration = TimeSpan.FromSeconds(Number(args, ref i, 1, 600)) },
                "--quick" => options,
                _ => throw new FormatException($"There is no option '{args[i]}'."),
            };
        }
        return options;
    }

    internal static int Number(IReadOnlyList<string> args, ref int i, int min, int max)
    {
        string option = args[i];
        return ++i < args.Count && int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
            ? number
            : throw new FormatException($"{option} takes a whole number from {min} to {max}.");
    }

    private static Mixes MixesOf(IReadOnlyList<string> args, ref int i) =>
        ++i < args.Count && Enum.TryParse(args[i], ignoreCase: true, out Mixes mixes) && !char.IsAsciiDigit(args[i][0])
            ? mixes
            : throw new FormatException("--mixes takes all, none, or a list such as lag,poison.");

    private static Topology System(IReadOnlyList<string> args, ref int i) =>
        (++i < args.Count ? args[i] : "") switch
        {
            "whole" => Topology.Whole,
            "hosts" => Topology.Hosts,
            _ => throw new FormatException("--system takes whole or hosts."),
        };
}
