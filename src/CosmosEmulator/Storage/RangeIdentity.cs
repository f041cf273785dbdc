using Serverless.CosmosEmulator.Hashing;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// What clients know of a physical partition: its id and its half-open range of effective partition keys, and which ranges it came
/// from (all ancestors, the oldest first).
/// </summary>
internal sealed record RangeIdentity(int Number, string Min, string Max, IReadOnlyList<string> Parents)
{
    public string Id { get; } = Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public bool Contains(string effectiveKey) =>
        string.CompareOrdinal(effectiveKey, Min) >= 0 && string.CompareOrdinal(effectiveKey, Max) < 0;

    public bool DescendsFrom(ReadOnlySpan<char> id)
    {
        if (id.SequenceEqual(Id))
        {
            return true;
        }

        foreach (string parent in Parents)
        {
            if (id.SequenceEqual(parent))
            {
                return true;
            }
        }

        return false;
    }

    public bool Overlaps(EpkWindow window) =>
        string.CompareOrdinal(window.Min, Max) < 0 && string.CompareOrdinal(Min, window.Max) < 0;
}

/// <summary>A half-open range of effective partition keys that a request is limited to.</summary>
internal sealed record EpkWindow(string Min, string Max)
{
    public static EpkWindow All { get; } = new(EffectivePartitionKey.Minimum, EffectivePartitionKey.Maximum);

    public bool Contains(string effectiveKey) =>
        string.CompareOrdinal(effectiveKey, Min) >= 0 && string.CompareOrdinal(effectiveKey, Max) < 0;
}
