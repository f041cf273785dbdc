namespace Serverless.CosmosEmulator.Sql;

/// <summary>A query that is refused; <see cref="ErrorJson"/> is the message text of the 400 answer.</summary>
public sealed class SqlException(string errorJson) : Exception(errorJson)
{
    public string ErrorJson { get; } = errorJson;
}
