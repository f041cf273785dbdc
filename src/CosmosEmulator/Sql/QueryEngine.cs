using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>Executes queries over rows.</summary>
public static class QueryEngine
{
    /// <summary>Executes one page. Throws <see cref="SqlException"/> for wrong parameters and continuation tokens.</summary>
    public static QueryPage Execute(QueryRequest request, IRowSource rows)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rows);
        try
        {
            return new QueryExecution(request, rows).Run();
        }
        catch (InsufficientExecutionStackException)
        {
            throw SqlErrors.TooComplex(request.Query.Tree.Span);
        }
    }

    /// <summary>Whether one item meets the condition of a patch.</summary>
    public static bool Matches(SqlQuery condition, ReadOnlyMemory<byte> item, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var compiler = new QueryCompiler(new Dictionary<string, SqlValue>(), clock);
        CompiledQuery compiled = compiler.Compile(condition.Tree, [new SqlRow(0, item)]);
        return compiled.Results(new Frame(compiler.SlotCount)).Any();
    }
}
