using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>Errors that several places raise; the texts are the service's.</summary>
internal static class SqlErrors
{
    /// <summary>Refuses by name what this engine, or the service itself, doesn't do.</summary>
    public static SqlException NotSupported(SourceSpan span, string what) => span.Error("SC2990", NotSupportedMessage(what));

    public static string NotSupportedMessage(string what) => $"The specified query includes '{what}' which is currently not supported.";

    public static SqlException TooComplex(SourceSpan span) => span.Error(
        "SC1030",
        "The query is too complex to be processed. To resolve this issue, please consider breaking the query into multiple smaller "
        + "queries, simplifying the complex expression, and/or using Computed Properties.");

    public static SqlException InvalidContinuation() => SqlException.Plan("Invalid continuation token specified.");
}
