namespace Serverless.CosmosEmulator.Sql;

/// <summary>Executes one page of a query.</summary>
public static class QueryEngine
{
    public static QueryPage Execute(QueryRequest request, IRowSource rows) => throw new SqlException("Queries are not there yet.");
}
