namespace Serverless.CosmosEmulator.Sql;

/// <summary>A parsed query. Immutable.</summary>
public sealed class SqlQuery
{
    private SqlQuery() { }

    public static SqlQuery Parse(string text) => throw new SqlException("Queries are not there yet.");

    /// <summary>Parses the condition of a patch: <c>from c where ...</c>, without a SELECT.</summary>
    public static SqlQuery ParseCondition(string text) => throw new SqlException("Queries are not there yet.");
}
