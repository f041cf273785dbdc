using System.Text.Json;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Planning;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>Computes the plan that clients ask for before a query they have to merge.</summary>
public static class QueryPlanner
{
    /// <summary>The plan as UTF-8 JSON. With a logical partition key in the request, OFFSET and LIMIT stay in the text.</summary>
    public static byte[] Plan(SqlQuery query, JsonElement parameters, PartitionKeyPaths paths, bool hasPartitionKey = false)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(paths);
        try
        {
            return Plan(query.Tree, Parameters.Read(parameters), paths, hasPartitionKey).ToJson();
        }
        catch (InsufficientExecutionStackException)
        {
            throw SqlErrors.TooComplex(query.Tree.Span);
        }
    }

    /// <summary>Whether all results of a query have one partition key, or it has none at all.</summary>
    public static bool HasOneKey(SqlQuery query, JsonElement parameters, PartitionKeyPaths paths)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(paths);
        var constants = new QueryCompiler(Parameters.Read(parameters), TimeProvider.System);
        return PartitionFilter.Ranges(query.Tree, constants, paths) is [{ IsMaxInclusive: true }];
    }

    private static QueryPlan Plan(Query query, IReadOnlyDictionary<string, SqlValue> parameters, PartitionKeyPaths paths, bool hasPartitionKey)
    {
        var constants = new QueryCompiler(parameters, TimeProvider.System);
        IReadOnlyList<KeyRange> ranges = PartitionFilter.Ranges(query, constants, paths);
        if (ReferenceEquals(ranges, PartitionFilter.Nowhere) && !query.Select.IsDistinct)
        {
            // A result of constants, or none at all, needs no merging.
            return new() { HasSelectValue = query.Select.Selection is SelectValue, Ranges = ranges };
        }

        QueryPlan plan = PlanRewriter.Rewrite(query, Parameters.Top(query, parameters), Parameters.Page(query, parameters), hasPartitionKey);
        return plan with { Ranges = ranges };
    }
}
