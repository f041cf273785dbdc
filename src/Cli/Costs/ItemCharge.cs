using Serverless.CosmosEmulator.Charges;

namespace Serverless.Cli.Costs;

/// <summary>
/// Request units by the emulator's own figures, so that what is calculated is what is measured there: docs/emulator-request-charges.md. What a
/// query costs depends on what it finds; this one is that of the tests.
/// </summary>
internal static class ItemCharge
{
    public const double IndexTerm = RequestCharges.IndexTerm;

    public const double EmptyLook = RequestCharges.EmptyFeedPage;

    public const double Refusal = RequestCharges.Refusal;

    /// <summary>One page of a query in one partition, with a condition or two and a few small results.</summary>
    public const double Query = 2.61;

    public static double Read(double bytes) => SizeCharge.Read[bytes];

    /// <summary>A create without its index terms; a replace is two of them.</summary>
    public static double Write(double bytes) => SizeCharge.Write[bytes];
}
