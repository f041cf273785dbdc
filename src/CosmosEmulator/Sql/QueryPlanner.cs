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
        IReadOnlyDictionary<string, SqlValue> values = Parameters.Read(parameters);
        var constants = new QueryCompiler(values, TimeProvider.System.GetUtcNow().UtcDateTime);
        IReadOnlyList<KeyRange> ranges = PartitionFilter.Ranges(query.Tree, constants, paths);
        if (ReferenceEquals(ranges, PartitionFilter.Nowhere) && !query.Tree.Select.IsDistinct)
        {
            // A result of constants, or none at all, needs no merging.
            return new QueryPlan { HasSelectValue = query.Tree.Select.Selection is SelectValue, Ranges = ranges }.ToJson();
        }

        long? top = Parameters.Top(query.Tree, values);
        QueryPlan plan = PlanRewriter.Rewrite(query.Tree, top, Parameters.Page(query.Tree, values), hasPartitionKey);
        return (plan with { Ranges = ranges }).ToJson();
    }
}
