using System.Globalization;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Charges;

/// <summary>
/// The request charges: an estimate, all of it in this folder. What the service publishes is followed; what it doesn't is chosen.
/// docs/emulator-request-charges.md says which is which, number by number.
/// </summary>
internal static class RequestCharges
{
    /// <summary>Whatever is no item: in the service such requests have a throughput of their own.</summary>
    public const double Resource = 1;

    /// <summary>Planning touches no item.</summary>
    public const double QueryPlan = 0;

    /// <summary>Each scalar at an indexed path, and each unique key, in a write.</summary>
    public const double IndexTerm = 0.2;

    /// <summary>A look at a feed that has nothing new.</summary>
    public const double EmptyFeedPage = 1;

    /// <summary>A write that came too late, or was wrong.</summary>
    public const double Refusal = 1.24;

    private const double PatchOperation = 0.4;
    private const double QueryStart = 2.26;
    private const double QueryContinuation = 1;
    private const double FirstLookup = 0.32;
    private const double FurtherLookup = 0.03;
    private const double LoadedKilobyte = 0.01039;
    private const double ReturnedKilobyte = 0.0525;
    private const double MissingItem = 1;
    private const double Throttled = 0.38;
    private const double Kilobyte = 1024;

    private static readonly string[] Whole = [.. Enumerable.Range(0, 64).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Reads cost twice as much where two replicas have to agree.</summary>
    public static double ReadFactor(CosmosRequest request) => ReadConsistency.IsLatest(request) ? 2 : 1;

    public static double Read(StoredItem item, double factor) => Round(SizeCharge.Read[item.Json.Length] * factor);

    public static double ReadMissing(double factor) => MissingItem * factor;

    /// <summary>One operation on one item, from a point request or out of a batch, with what became of it.</summary>
    public static double Of(ItemOperation operation, in OperationResult result, ContainerDefinition definition, double readFactor)
    {
        if (result.Error is { } error)
        {
            return Refused(error);
        }

        if (operation.Kind == ItemOperationKind.Read)
        {
            return result.Item is { } read ? Read(read, readFactor) : ReadMissing(readFactor);
        }

        double charge = (result.Before, result.Item) switch
        {
            ({ } before, { } after) => Replace(before, after, definition),
            ({ } before, null) => CreateOrDelete(before, definition),
            (null, { } after) => CreateOrDelete(after, definition),
            _ => 0,
        };
        return Round(charge + ((operation.Patch?.OperationCount ?? 0) * PatchOperation));
    }

    /// <summary>A page of a feed costs what reading its items one by one does.</summary>
    public static double Feed(IEnumerable<int> itemBytes, double factor) =>
        Round(Math.Max(EmptyFeedPage, itemBytes.Sum(bytes => SizeCharge.Read[bytes])) * factor);

    /// <summary>A page of a query: beginning, index look-ups, what was loaded to find the results, the results.</summary>
    public static double Query(QueryPage page, bool continues, double factor)
    {
        double lookups = page.IndexLookups == 0 ? 0 : FirstLookup + ((page.IndexLookups - 1) * FurtherLookup);
        double returned = page.Documents.Sum(document => (double)document.Length) / Kilobyte;
        double charge = (continues ? QueryContinuation : QueryStart + lookups)
            + (page.BytesLoaded / Kilobyte * LoadedKilobyte)
            + (returned * ReturnedKilobyte);
        return Round(charge * factor);
    }

    /// <summary>What the caller could have avoided is charged; what nobody worked on, or nobody can tell, is not.</summary>
    public static double Refused(CosmosError error) => error.Status switch
    {
        404 => MissingItem,
        400 or 409 or 412 or 413 or 449 => Refusal,
        429 => Throttled,
        _ => 0,
    };

    /// <summary>A number with a dot, in every culture.</summary>
    public static string Text(double charge) =>
        charge >= 0 && charge < Whole.Length && charge == (int)charge ? Whole[(int)charge] : charge.ToString("0.##", CultureInfo.InvariantCulture);

    private static double CreateOrDelete(StoredItem item, ContainerDefinition definition) =>
        SizeCharge.Write[item.Json.Length]
        + (IndexTerm * (IndexTerms.Count(item, definition.IndexedPaths) + definition.CompositeIndexes.Count + item.UniqueValues.Length));

    private static double Replace(StoredItem before, StoredItem after, ContainerDefinition definition)
    {
        (int removed, int added) = IndexTerms.Difference(before, after, definition.IndexedPaths);
        int uniqueChanges = after.UniqueValues.Zip(before.UniqueValues).Count(pair => pair.First != pair.Second);
        return SizeCharge.Write[before.Json.Length] + SizeCharge.Write[after.Json.Length]
            + (IndexTerm * (removed + added + (2 * (uniqueChanges + definition.CompositeIndexes.Count))));
    }

    // Two digits are what the service shows; rounded here, the parts of a batch add up to its header.
    private static double Round(double charge) => Math.Round(charge, 2, MidpointRounding.AwayFromZero);
}
