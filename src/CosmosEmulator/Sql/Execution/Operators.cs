using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>A step that pulls rows from the one before it. A row is the frame, with this step's slots filled.</summary>
internal abstract class Operator
{
    public abstract IEnumerable<Frame> Rows(Frame frame);
}

/// <summary>One row without content: what a query without FROM ranges over.</summary>
internal sealed class SingleRow : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        yield return frame;
    }
}

/// <summary>The stored items.</summary>
internal sealed class Scan(IEnumerable<SqlRow> rows, int slot) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        foreach (SqlRow row in rows)
        {
            frame.Number = row.Number;
            frame.RowsScanned++;
            frame.BytesScanned += row.Json.Length;
            frame.RowBytes = row.Json.Length;
            frame[slot] = SqlValue.Of(new SqlObject(row.Json));
            yield return frame;
        }
    }
}

/// <summary><c>FROM collection AS alias</c>: the value itself, if there is one.</summary>
internal sealed class Alias(Operator input, Evaluator collection, int slot) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        foreach (Frame row in input.Rows(frame))
        {
            SqlValue value = collection(row);
            if (!value.IsUndefined)
            {
                row[slot] = value;
                yield return row;
            }
        }
    }
}

/// <summary><c>alias IN collection</c>: the elements of an array. Anything else has none.</summary>
internal sealed class Iterate(Operator input, Evaluator collection, int slot) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        foreach (Frame row in input.Rows(frame))
        {
            SqlValue value = collection(row);
            if (value.Kind != SqlKind.Array)
            {
                continue;
            }

            foreach (SqlValue item in value.Array.Items)
            {
                row[slot] = item;
                yield return row;
            }
        }
    }
}

/// <summary><c>(SELECT ...) AS alias</c>: the results of a query, which can look at the input sets before it.</summary>
internal sealed class Derive(Operator input, CompiledQuery query, int slot) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        foreach (Frame row in input.Rows(frame))
        {
            foreach (SqlValue value in query.Results(row))
            {
                row[slot] = value;
                yield return row;
            }
        }
    }
}

/// <summary>WHERE: true passes; false, undefined and anything else don't.</summary>
internal sealed class Filter(Operator input, Evaluator predicate) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        foreach (Frame row in input.Rows(frame))
        {
            if (predicate(row).IsTrue)
            {
                yield return row;
            }
        }
    }
}

/// <summary>Counts the items that come here, each once however many rows a JOIN makes of it.</summary>
internal sealed class Load(Operator input) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        ulong? last = null;
        foreach (Frame row in input.Rows(frame))
        {
            if (row.Number != last)
            {
                last = row.Number;
                row.RowsLoaded++;
                row.BytesLoaded += row.RowBytes;
            }

            yield return row;
        }
    }
}

/// <summary>GROUP BY and aggregates: takes all input, then gives one row per group, in the order in which the groups appeared.</summary>
internal sealed class Group(
    Operator input, IReadOnlyList<(Evaluator Key, int Slot)> keys, IReadOnlyList<(Aggregate Aggregate, int Slot)> aggregates) : Operator
{
    public override IEnumerable<Frame> Rows(Frame frame)
    {
        var groups = new OrderedDictionary<SqlArray, Accumulator[]>();
        if (keys.Count == 0)
        {
            groups.Add(new SqlArray([]), Start()); // Without GROUP BY there is one group, also when nothing matched.
        }

        foreach (Frame row in input.Rows(frame))
        {
            var key = new SqlArray([.. keys.Select(entry => entry.Key(row))]);
            if (!groups.TryGetValue(key, out Accumulator[]? accumulators))
            {
                groups.Add(key, accumulators = Start());
            }

            for (int i = 0; i < accumulators.Length; i++)
            {
                accumulators[i].Add(aggregates[i].Aggregate.Argument(row));
            }
        }

        foreach ((SqlArray key, Accumulator[] accumulators) in groups)
        {
            for (int i = 0; i < keys.Count; i++)
            {
                frame[keys[i].Slot] = key.Items[i];
            }

            for (int i = 0; i < accumulators.Length; i++)
            {
                frame[aggregates[i].Slot] = accumulators[i].Result;
            }

            yield return frame;
        }
    }

    private Accumulator[] Start() => [.. aggregates.Select(entry => entry.Aggregate.Start())];
}
