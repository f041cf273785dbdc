using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// Where a result stands in the whole answer: the values it is ordered by, the number of its item, and which of the item's results
/// it is (a JOIN makes several).
/// </summary>
internal sealed record Position(IReadOnlyList<OrderKey> Keys, ulong Number, long Ordinal);

/// <summary>
/// The order of positions. Equal keys come by item number: upwards when the first key ascends, downwards when it descends, as clients
/// that merge partitions assume.
/// </summary>
internal sealed class PositionOrder(IReadOnlyList<bool> descends) : IComparer<Position>
{
    private readonly int numberSign = descends.Count > 0 && descends[0] ? -1 : 1;

    public int CompareKeys(IReadOnlyList<OrderKey> left, IReadOnlyList<OrderKey> right)
    {
        for (int i = 0; i < descends.Count; i++)
        {
            if (left[i].CompareTo(right[i]) is not 0 and int order)
            {
                return descends[i] ? -order : order;
            }
        }

        return 0;
    }

    public int CompareNumbers(ulong left, ulong right) => left.CompareTo(right) * numberSign;

    public int Compare(Position? x, Position? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        int order = CompareKeys(x.Keys, y.Keys);
        order = order != 0 ? order : CompareNumbers(x.Number, y.Number);
        return order != 0 ? order : x.Ordinal.CompareTo(y.Ordinal);
    }
}
