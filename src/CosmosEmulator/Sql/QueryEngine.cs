namespace Serverless.CosmosEmulator.Sql;

/// <summary>Executes one page of a query.</summary>
public static class QueryEngine
{
    public static QueryPage Execute(QueryRequest request, IRowSource rows) => throw new SqlException("Queries are not there yet.");

    /// <summary>Whether one item meets the condition of a patch.</summary>
    public static bool Matches(SqlQuery condition, ReadOnlyMemory<byte> item) => throw new SqlException("Queries are not there yet.");
}
