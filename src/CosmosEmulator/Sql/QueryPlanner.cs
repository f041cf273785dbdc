using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>Computes the plan that clients ask for before a query they have to merge.</summary>
public static class QueryPlanner
{
    /// <summary>The plan as UTF-8 JSON. With a logical partition key in the request, OFFSET and LIMIT stay in the text.</summary>
    public static byte[] Plan(SqlQuery query, JsonElement parameters, PartitionKeyPaths paths, bool hasPartitionKey = false) =>
        throw new SqlException("Query plans are not there yet.");
}
