using System.Text.Json;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>A query that was parsed and checked. Immutable, so it can be cached and shared between threads.</summary>
public sealed class SqlQuery
{
    private const int MaxCharacters = 262_144;

    private SqlQuery(string text, Query tree, bool dependsOnParameters)
    {
        Text = text;
        Tree = tree;
        DependsOnParameters = dependsOnParameters;
    }

    public string Text { get; }

    internal Query Tree { get; }

    /// <summary>Whether a parameter names a member or an index, so that this is the query for one set of values only.</summary>
    internal bool DependsOnParameters { get; }

    /// <summary>
    /// Parses a query; throws <see cref="SqlException"/> that points at what is wrong or not supported. The parameters are the request's
    /// array of names and values, or default.
    /// </summary>
    public static SqlQuery Parse(string text, JsonElement parameters = default) => Parse(text, parameters, parser => parser.Parse());

    /// <summary>Parses the condition of a patch: <c>from c where ...</c>, without a SELECT.</summary>
    public static SqlQuery ParseCondition(string text) => Parse(text, default, parser => parser.ParseCondition());

    private static SqlQuery Parse(string text, JsonElement parameters, Func<QueryParser, Query> parse)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxCharacters)
        {
            throw SqlException.At(
                0, text.Length, "SC3020", $"The SQL query text exceeded the maximum limit of {MaxCharacters} characters.");
        }

        try
        {
            var parser = new QueryParser(text, Parameters.Read(parameters));
            Query tree = parse(parser);
            QueryChecker.Check(tree);
            return new(text, tree, parser.DependsOnParameters);
        }
        catch (InsufficientExecutionStackException)
        {
            throw SqlErrors.TooComplex(new SourceSpan(0, text.Length));
        }
    }
}
