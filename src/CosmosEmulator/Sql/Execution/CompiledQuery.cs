using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>A query ready to run in a frame: its rows, what it makes of each, and the keys it is ordered and grouped by.</summary>
internal sealed record CompiledQuery(Operator Source, Evaluator Select, bool IsDistinct, IReadOnlyList<(Evaluator Key, bool Descends)> OrderBy)
{
    public required bool IsGrouped { get; init; }

    public required IReadOnlyList<Evaluator> GroupBy { get; init; }

    /// <summary>The results without regard to order. A result that is undefined is none.</summary>
    public IEnumerable<SqlValue> Results(Frame frame)
    {
        HashSet<SqlValue>? seen = IsDistinct ? [] : null;
        foreach (Frame row in Source.Rows(frame))
        {
            SqlValue result = Select(row);
            if (!result.IsUndefined && (seen is null || seen.Add(result)))
            {
                yield return result;
            }
        }
    }
}
