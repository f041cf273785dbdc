using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>A query that was parsed and checked. Immutable, so it can be cached and shared between threads.</summary>
public sealed class SqlQuery
{
    private const int MaxCharacters = 262_144;

    private SqlQuery(string text, Query tree)
    {
        Text = text;
        Tree = tree;
    }

    public string Text { get; }

    internal Query Tree { get; }

    /// <summary>Parses a query; throws <see cref="SqlException"/> that points at what is wrong or not supported.</summary>
    public static SqlQuery Parse(string text) => Parse(text, QueryParser.Parse);

    /// <summary>Parses the condition of a patch: <c>from c where ...</c>, without a SELECT.</summary>
    public static SqlQuery ParseCondition(string text) => Parse(text, QueryParser.ParseCondition);

    private static SqlQuery Parse(string text, Func<string, Query> parse)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxCharacters)
        {
            throw SqlException.At(
                0, text.Length, "SC3020", $"The SQL query text exceeded the maximum limit of {MaxCharacters} characters.");
        }

        try
        {
            Query tree = parse(text);
            QueryChecker.Check(tree);
            return new(text, tree);
        }
        catch (InsufficientExecutionStackException)
        {
            throw SqlErrors.TooComplex(new SourceSpan(0, text.Length));
        }
    }
}
