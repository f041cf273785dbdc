using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// The rows of a scope, read in portions: the partition's lock is held for one portion, not for a whole query. A portion starts
/// after the last key of the one before, so a row is never seen twice although writers may come in between.
/// </summary>
internal sealed class ScopeRows(Scope scope, ContainerDefinition definition) : IRowSource
{
    private const int PortionItems = 256;

    // Every page of a query looks up its candidates anew. Beyond this many, going through all items in order is cheaper.
    private const int MaxCandidates = 10_000;

    public IEnumerable<SqlRow> Rows(RowAccess access)
    {
        IEnumerable<StoredItem> items = access.Alternatives.Count switch
        {
            0 => InOrder(access, new IdRange(null, true, null, true)),
            1 when Range(access.Alternatives[0]) is { } range && access.Order != RowOrder.ByNumber => InOrder(access, range),
            _ when Candidates(access.Alternatives) is { } candidates => Sorted(candidates, access.Order),
            _ => InOrder(access, new IdRange(null, true, null, true)),
        };
        return items.Where(item => item.Number >= access.FromNumber).Select(item => new SqlRow(item.Number, item.Json));
    }

    private IEnumerable<StoredItem> InOrder(RowAccess access, IdRange range)
    {
        if (access.Order == RowOrder.ByNumber)
        {
            return scope.Single is { } single
                ? ByNumber(single, access.FromNumber)
                : scope.Partitions.Select(partition => ByNumber(partition, access.FromNumber)).Aggregate(Merge);
        }

        // Outside of a logical partition there is no order by id to follow.
        return scope is { Key: { } key, Single: { } partition }
            ? ById(partition, key, range, access.Order == RowOrder.ByIdDescending)
            : Sorted(scope.Partitions.SelectMany(p => ByNumber(p, 0)), access.Order);
    }

    private IEnumerable<StoredItem> ByNumber(PhysicalPartition partition, ulong from)
    {
        while (true)
        {
            StoredItem[] portion = partition.Query((this, from), static (items, _, state) => state.Item1.Portion(items, state.from));
            foreach (StoredItem item in portion)
            {
                yield return item;
            }

            if (portion.Length < PortionItems)
            {
                yield break;
            }

            from = portion[^1].Number + 1;
        }
    }

    private StoredItem[] Portion(PartitionItems items, ulong from)
    {
        IEnumerable<StoredItem> candidates = scope.Key is null
            ? items.Numbers.From(from, inclusive: true)
            : items.Partition(scope.Key)?.ByNumberFrom(from) ?? [];
        return [.. (scope.Window is null ? candidates : candidates.Where(item => scope.Includes(item.Partition))).Take(PortionItems)];
    }

    private static IEnumerable<StoredItem> ById(PhysicalPartition partition, PartitionKey key, IdRange range, bool descending)
    {
        string? edge = descending ? range.To : range.From;
        bool inclusive = descending ? range.ToInclusive : range.FromInclusive;
        while (true)
        {
            StoredItem[] portion = partition.Query(
                (key, edge, inclusive, descending),
                static (items, _, s) => Portion(items.Partition(s.key)?.ById, s.edge, s.inclusive, s.descending));
            foreach (StoredItem item in portion)
            {
                if (descending ? IsBelow(item.Id, range) : IsAbove(item.Id, range))
                {
                    yield break;
                }

                yield return item;
            }

            if (portion.Length < PortionItems)
            {
                yield break;
            }

            (edge, inclusive) = (portion[^1].Id, false);
        }
    }

    private static StoredItem[] Portion(ItemOrder<string, ById>? order, string? edge, bool inclusive, bool descending)
    {
        IEnumerable<StoredItem>? items = (edge, descending) switch
        {
            (null, false) => order?.All(),
            (null, true) => order?.AllDown(),
            (_, false) => order?.From(edge, inclusive),
            (_, true) => order?.DownFrom(edge, inclusive),
        };
        return [.. (items ?? []).Take(PortionItems)];
    }

    /// <summary>The few items that the alternatives name, or null when one of them says nothing that an index knows, or they are many.</summary>
    private List<StoredItem>? Candidates(IReadOnlyList<RowAlternative> alternatives)
    {
        Dictionary<ulong, StoredItem> found = [];
        foreach (RowAlternative alternative in alternatives)
        {
            if (Candidates(alternative) is not { } items)
            {
                return null;
            }

            foreach (StoredItem item in items)
            {
                found[item.Number] = item;
                if (found.Count > MaxCandidates)
                {
                    return null;
                }
            }
        }

        return [.. found.Values];
    }

    private IEnumerable<StoredItem>? Candidates(RowAlternative alternative)
    {
        if ((scope.Key ?? KeyOf(alternative)) is not { } key)
        {
            return null;
        }

        if (UniqueKey(alternative) is { } unique)
        {
            return scope.Partitions.SelectMany(partition => partition.Query((key, unique), static (items, _, s) => Owner(items, s.key, s.unique)));
        }

        return Range(alternative) is not { } range ? null
            : scope.Partitions.SelectMany(partition => ById(partition, key, range, descending: false)).Where(item => scope.Includes(item.Partition));
    }

    /// <summary>The logical partition that an alternative names by the value of the container's only key path, as a read of many items does.</summary>
    private PartitionKey? KeyOf(RowAlternative alternative) =>
        definition.PartitionKeyPaths is [var path] && alternative is { EqualPath: { } name, EqualValue: { } value } && name == path.Text
            ? new PartitionKey(PartitionKeyComponent.From(value))
            : null;

    private static StoredItem[] Owner(PartitionItems items, PartitionKey key, (int Index, string Value) unique) =>
        items.Partition(key) is { } partition && items.UniqueKeys.Find(partition, unique.Index, unique.Value) is { } owner ? [owner] : [];

    /// <summary>The unique key that an equality is about, if it is the key's only path, with the text of the value.</summary>
    private (int Index, string Value)? UniqueKey(RowAlternative alternative)
    {
        if (alternative is not { EqualPath: { } path, EqualValue: { } value } || value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return null;
        }

        for (int i = 0; i < definition.UniqueKeys.Count; i++)
        {
            if (definition.UniqueKeys[i].Paths is [var only] && only.Text == path)
            {
                return (i, UniqueValueReader.Text(new PathValue(PartitionKeyComponent.From(value), null)));
            }
        }

        return null;
    }

    private static IdRange? Range(RowAlternative alternative) => alternative switch
    {
        { Ids: { } range } => range,
        { EqualPath: "/id", EqualValue: { ValueKind: JsonValueKind.String } value } when value.GetString() is { } id =>
            new IdRange(id, true, id, true),
        _ => null,
    };

    private static IEnumerable<StoredItem> Sorted(IEnumerable<StoredItem> items, RowOrder order) => order switch
    {
        // Equal ids exist in different logical partitions; the rule for ties is the item number, in the direction of the order.
        RowOrder.ById => items.OrderBy(item => item.Id, StringComparer.Ordinal).ThenBy(item => item.Number),
        RowOrder.ByIdDescending => items.OrderByDescending(item => item.Id, StringComparer.Ordinal).ThenByDescending(item => item.Number),
        _ => items.OrderBy(item => item.Number),
    };

    private static IEnumerable<StoredItem> Merge(IEnumerable<StoredItem> left, IEnumerable<StoredItem> right)
    {
        using IEnumerator<StoredItem> a = left.GetEnumerator();
        using IEnumerator<StoredItem> b = right.GetEnumerator();
        bool hasA = a.MoveNext();
        bool hasB = b.MoveNext();
        while (hasA || hasB)
        {
            if (hasA && (!hasB || a.Current.Number < b.Current.Number))
            {
                yield return a.Current;
                hasA = a.MoveNext();
            }
            else
            {
                yield return b.Current;
                hasB = b.MoveNext();
            }
        }
    }

    private static bool IsAbove(string id, IdRange range) =>
        range.To is not null && string.CompareOrdinal(id, range.To) is var side && (side > 0 || (side == 0 && !range.ToInclusive));

    private static bool IsBelow(string id, IdRange range) =>
        range.From is not null && string.CompareOrdinal(id, range.From) is var side && (side < 0 || (side == 0 && !range.FromInclusive));
}
