namespace Serverless.CosmosEmulator.Charges;

/// <summary>A charge by the size of an item, as published for some sizes, and on a straight line between them.</summary>
internal sealed class SizeCharge
{
    private const double Kilobyte = 1024;

    private readonly double[] charges;

    private SizeCharge(params double[] charges) => this.charges = charges;

    // One figure for 1 KB and for each doubling up to 2,048 KB: docs/emulator-request-charges.md, source 1.
    public static SizeCharge Read { get; } = new(1.00, 1.04, 1.14, 1.33, 1.67, 2.19, 4.76, 9.95, 20.28, 40.95, 145.90, 291.80);

    public static SizeCharge Write { get; } =
        new(4.95, 6.29, 6.67, 7.04, 9.52, 11.23, 22.67, 48.19, 98.29, 184.57, 625.00, 1250.00);

    public double this[double bytes]
    {
        get
        {
            double kilobytes = bytes / Kilobyte;
            if (kilobytes <= 1)
            {
                return charges[0];
            }

            // Stored items can be a little larger than 2 MB, because system properties come on top: the last line goes on.
            int below = Math.Min((int)Math.Log2(kilobytes), charges.Length - 2);
            double from = 1 << below;
            return charges[below] + ((charges[below + 1] - charges[below]) * (kilobytes - from) / from);
        }
    }
}
