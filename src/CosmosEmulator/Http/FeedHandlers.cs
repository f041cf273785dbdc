using System.Globalization;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Reading a container page by page without a query: items in the order of their numbers.</summary>
internal static class FeedHandlers
{
    public static Answer ReadItems(CosmosRequest request, Container container)
    {
        Scope scope = ContainerAccess.ScopeOf(request, container);
        ulong last = 0;
        if (request.Header(HeaderNames.Continuation) is { Length: > 0 } token
            && !ulong.TryParse(token, CultureInfo.InvariantCulture, out last))
        {
            throw new RefusedException(Errors.ContinuationMalformed);
        }

        long lsn = CheckedLsn(request, scope);
        int maxItems = ContainerAccess.MaxItems(request);
        List<ReadOnlyMemory<byte>> page = [];
        long bytes = 0;
        string? continuation = null;
        foreach (SqlRow row in new ScopeRows(scope, container.Definition).Rows(new RowAccess([], RowOrder.ByNumber) { FromNumber = last + 1 }))
        {
            if (page.Count == maxItems || (page.Count > 0 && bytes + row.Json.Length > Limits.PageBytes))
            {
                continuation = last.ToString(CultureInfo.InvariantCulture);
                break;
            }

            page.Add(row.Json);
            bytes += row.Json.Length;
            last = row.Number;
        }

        return new Answer(200, FeedBody.Write(container.ResourceIdText, "Documents", page))
        {
            ItemCount = page.Count,
            Continuation = continuation,
            Owner = container,
            ServedBy = scope.Single,
            Lsn = lsn,
            Charge = RequestCharges.Feed(page.Select(item => item.Length), RequestCharges.ReadFactor(request)),
        };
    }

    /// <summary>The LSN of the only partition of a scope before it is read, so that the token never promises more than was seen.</summary>
    public static long CheckedLsn(CosmosRequest request, Scope scope)
    {
        if (scope.Single is not { } partition)
        {
            return 0;
        }

        long lsn = partition.Lsn;
        ContainerAccess.CheckSession(request, partition, lsn);
        return lsn;
    }
}
