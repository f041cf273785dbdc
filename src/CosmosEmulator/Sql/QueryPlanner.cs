using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>Computes the plan that clients ask for before a query they have to merge.</summary>
public static class QueryPlanner
{
    public static byte[] Plan(SqlQuery query, JsonElement parameters, PartitionKeyPaths paths) =>
        throw new SqlException("Query plans are not there yet.");
}
