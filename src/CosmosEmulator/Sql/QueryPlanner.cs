using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>Computes the plan that clients ask for before a query they have to merge.</summary>
public static class QueryPlanner
{
    /// <param name="hasPartitionKey">Whether the request names one logical partition; OFFSET and LIMIT then stay in the text.</param>
    public static byte[] Plan(SqlQuery query, JsonElement parameters, PartitionKeyPaths paths, bool hasPartitionKey = false) =>
        throw new SqlException("Query plans are not there yet.");
}
