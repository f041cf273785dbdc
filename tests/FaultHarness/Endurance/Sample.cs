namespace Serverless.FaultHarness.Endurance;

/// <summary>What was measured in one interval. Sizes in MB, lags in milliseconds.</summary>
internal sealed record Sample(
    TimeSpan At, long Commands, double HostMemory, double HostHeap, double StoreMemory, double LagMedian, double LagMax, double MachineLoad)
{
    public const string Heading = "   time  commands/s  host MB  host GC heap MB  emulator MB  lag median ms  lag max ms  load average";

    public static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered.Length == 0 ? 0 : ordered[ordered.Length / 2];
    }

    /// <summary>The machine's load average over a minute; 0 where there is none.</summary>
    public static double ReadMachineLoad() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) : 0;
}
