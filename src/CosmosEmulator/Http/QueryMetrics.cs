using System.Diagnostics;
using System.Globalization;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Http;

/// <summary>
/// Measures one page of a query for <c>x-ms-documentdb-query-metrics</c>: preparing it, loading items, all of it. What the service
/// tells apart and the emulator does not (index look-up, functions, writing) is 0.
/// </summary>
internal sealed class QueryMetrics(IRowSource rows) : IRowSource
{
    private readonly long started = Stopwatch.GetTimestamp();
    private long prepared = Stopwatch.GetTimestamp();
    private long loading;

    /// <summary>The query is understood; from now on it runs.</summary>
    public void Prepared() => prepared = Stopwatch.GetTimestamp();

    public IEnumerable<SqlRow> Rows(RowAccess access)
    {
        using IEnumerator<SqlRow> items = rows.Rows(access).GetEnumerator();
        while (true)
        {
            long before = Stopwatch.GetTimestamp();
            bool any = items.MoveNext();
            loading += Stopwatch.GetTimestamp() - before;
            if (!any)
            {
                yield break;
            }

            yield return items.Current;
        }
    }

    public string Text(QueryPage page)
    {
        long now = Stopwatch.GetTimestamp();
        double ratio = page.RowsScanned == 0 ? 1 : (double)page.Documents.Count / page.RowsScanned;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"totalExecutionTimeInMs={Milliseconds(now - started)};queryCompileTimeInMs={Milliseconds(prepared - started)};"
            + $"queryLogicalPlanBuildTimeInMs=0;queryPhysicalPlanBuildTimeInMs=0;queryOptimizationTimeInMs=0;"
            + $"VMExecutionTimeInMs={Milliseconds(now - prepared)};indexLookupTimeInMs=0;instructionCount=0;"
            + $"documentLoadTimeInMs={Milliseconds(loading)};systemFunctionExecuteTimeInMs=0;userFunctionExecuteTimeInMs=0;"
            + $"retrievedDocumentCount={page.RowsScanned};retrievedDocumentSize={page.BytesScanned};"
            + $"outputDocumentCount={page.Documents.Count};outputDocumentSize={page.Documents.Sum(document => (long)document.Length)};"
            + $"writeOutputTimeInMs=0;indexUtilizationRatio={ratio:0.00}");
    }

    private static string Milliseconds(long ticks) =>
        Stopwatch.GetElapsedTime(0, ticks).TotalMilliseconds.ToString("0.0000", CultureInfo.InvariantCulture);
}
