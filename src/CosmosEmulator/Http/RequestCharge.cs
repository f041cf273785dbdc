using System.Globalization;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// The request charge of an operation: the one place where it is decided. For now flat figures by kind and size; a documented
/// estimate takes their place.
/// </summary>
internal static class RequestCharge
{
    private const double KilobyteRead = 1;
    private const double KilobyteWritten = 5.33;

    private static readonly string[] Whole = [.. Enumerable.Range(0, 64).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    public static double Read(int bytes) => KilobyteRead * Kilobytes(bytes);

    public static double Write(int bytes) => KilobyteWritten * Kilobytes(bytes);

    public static double Scan(int rows, long bytes) => 2.2 + (rows * 0.02) + (bytes / 65536.0);

    /// <summary>A number with a dot, in every culture.</summary>
    public static string Text(double charge) =>
        charge >= 0 && charge < Whole.Length && charge == (int)charge ? Whole[(int)charge] : charge.ToString("0.##", CultureInfo.InvariantCulture);

    private static int Kilobytes(int bytes) => Math.Max(1, (bytes + 1023) / 1024);
}
