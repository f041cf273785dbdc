namespace Serverless.Cli.Costs;

/// <summary>
/// Request units for reading and for writing an item of a size, as the vendor publishes them for sizes from 1 KB to 2 MB, on a straight line
/// between those: docs/emulator-request-charges.md, source 1. A look-up in an index and a query are estimates of that page.
/// </summary>
internal static class ItemCharge
{
    /// <summary>Each scalar at an indexed path, and each unique key, in a write.</summary>
    public const double IndexTerm = 0.2;

    /// <summary>A look at a feed that has nothing new.</summary>
    public const double EmptyLook = 1;

    /// <summary>One page of a query in one partition, with a condition or two and a few small results.</summary>
    public const double Query = 2.61;

    /// <summary>A write that came too late.</summary>
    public const double Refusal = 1.24;

    private const double Kilobyte = 1_024;

    private static readonly double[] Reads = [1.00, 1.04, 1.14, 1.33, 1.67, 2.19, 4.76, 9.95, 20.28, 40.95, 145.90, 291.80];
    private static readonly double[] Writes = [4.95, 6.29, 6.67, 7.04, 9.52, 11.23, 22.67, 48.19, 98.29, 184.57, 625.00, 1250.00];

    public static double Read(double bytes) => At(Reads, bytes);

    /// <summary>A create without its index terms; a replace is two of them.</summary>
    public static double Write(double bytes) => At(Writes, bytes);

    private static double At(double[] charges, double bytes)
    {
        double kilobytes = bytes / Kilobyte;
        if (kilobytes <= 1)
        {
            return charges[0];
        }
        int below = Math.Min((int)Math.Log2(kilobytes), charges.Length - 2);
        double from = 1 << below;
        return charges[below] + ((charges[below + 1] - charges[below]) * (kilobytes - from) / from);
    }
}
