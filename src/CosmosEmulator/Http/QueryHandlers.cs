using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Queries and query plans over items, and queries over databases, containers and offers. COSMOS-PROTOCOL §8.</summary>
internal static class QueryHandlers
{
    private const int CachedQueries = 1000;

    private static readonly ConcurrentDictionary<string, SqlQuery> Parsed = new(StringComparer.Ordinal);

    public static Answer Execute(CosmosRequest request, Container container)
    {
        using QueryBody body = QueryBody.Parse(request.Body);
        Scope scope = ContainerAccess.ScopeOf(request, container);
        long lsn = FeedHandlers.CheckedLsn(request, scope);
        var metrics = new QueryMetrics(new ScopeRows(scope, container.Definition));
        SqlQuery query = Refusing(() => Parse(body));
        CheckCrossPartition(request, container, query, body);
        metrics.Prepared();
        QueryPage page = Run(request, query, body, metrics, container.Clock, container.Definition);
        CheckContinuation(request, page);
        return new Answer(200, FeedBody.Write(container.ResourceIdText, "Documents", page.Documents))
        {
            ItemCount = page.Documents.Count,
            Continuation = page.Continuation,
            Owner = container,
            ServedBy = scope.Single,
            Lsn = lsn,
            Charge = Charge(request, body, page),
            RequiresDistribution = request.IsSet(HeaderNames.OptimisticDirectExecution) ? page.RequiresDistribution : null,
            QueryMetrics = request.IsSet(HeaderNames.PopulateQueryMetrics) ? metrics.Text(page) : null,
        };
    }

    public static Answer Plan(CosmosRequest request, Container container)
    {
        using QueryBody body = QueryBody.Parse(request.Body);
        bool hasKey = ContainerAccess.KeyOf(request) is { Components.Count: > 0 };
        byte[] plan = Refusing(() => QueryPlanner.Plan(Parse(body), body.Parameters, KeyPaths(container), hasKey));
        return new Answer(200, plan) { Owner = container, Charge = RequestCharges.QueryPlan };
    }

    /// <summary>A query over resources that are not items. They are few, so there is no index.</summary>
    public static Answer OverResources(
        CosmosRequest request, string ownerId, string member, IEnumerable<byte[]> documents, TimeProvider clock)
    {
        using QueryBody body = QueryBody.Parse(request.Body);
        SqlQuery query = Refusing(() => Parse(body));
        var rows = new ResourceRows([.. documents.Select((json, i) => new SqlRow((ulong)i + 1, json))]);
        QueryPage page = Run(request, query, body, rows, clock);
        return new Answer(200, FeedBody.Write(ownerId, member, page.Documents))
        {
            ItemCount = page.Documents.Count,
            Continuation = page.Continuation,
            Charge = Charge(request, body, page),
        };
    }

    /// <summary>A query that names no key and no range is only served where it can't reach several partition keys, or where that is wanted.</summary>
    private static void CheckCrossPartition(CosmosRequest request, Container container, SqlQuery query, QueryBody body)
    {
        bool namesPlace = ContainerAccess.KeyOf(request) is { Components.Count: > 0 }
            || request.Header(HeaderNames.PartitionKeyRangeId) is { Length: > 0 }
            || container.Definition.HasSystemKey;
        if (!namesPlace && !request.IsSet(HeaderNames.EnableCrossPartition)
            && !Refusing(() => QueryPlanner.HasOneKey(query, body.Parameters, KeyPaths(container))))
        {
            throw new RefusedException(Errors.CrossPartitionDisabled);
        }
    }

    private static PartitionKeyPaths KeyPaths(Container container) =>
        new([.. container.Definition.PartitionKeyPaths.Select(path => path.Text)], container.Definition.Hierarchical);

    private static double Charge(CosmosRequest request, QueryBody body, QueryPage page)
    {
        bool continues = body.ResumeFilter is not null || request.Header(HeaderNames.Continuation) is { Length: > 0 };
        return RequestCharges.Query(page, continues, RequestCharges.ReadFactor(request));
    }

    private static void CheckContinuation(CosmosRequest request, QueryPage page)
    {
        if (request.Header(HeaderNames.ContinuationLimit) is not { Length: > 0 } text)
        {
            return;
        }

        int limit = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int kilobytes)
            ? kilobytes
            : throw new RefusedException(Errors.ContinuationLimitMalformed);
        if (limit == 0 || page.Continuation?.Length > limit * 1024)
        {
            throw new RefusedException(Errors.ContinuationLimitTooSmall);
        }
    }

    private static QueryPage Run(
        CosmosRequest request, SqlQuery query, QueryBody body, IRowSource rows, TimeProvider clock, ContainerDefinition? definition = null) =>
        Refusing(() => QueryEngine.Execute(
            new QueryRequest(
                query,
                body.Parameters,
                ContainerAccess.MaxItems(request),
                request.Header(HeaderNames.Continuation) is { Length: > 0 } token ? token : null,
                body.ResumeFilter,
                Limits.PageBytes)
            {
                Clock = clock,
                CompositeIndexes = definition?.CompositeIndexes,
                IsIndexed = definition is null ? _ => true : definition.IndexedPaths.Includes,
            },
            rows));

    private static SqlQuery Parse(QueryBody body)
    {
        if (Parsed.TryGetValue(body.Text, out SqlQuery? known))
        {
            return known;
        }

        SqlQuery query = SqlQuery.Parse(body.Text, body.Parameters);
        if (query.DependsOnParameters)
        {
            return query;
        }

        if (Parsed.Count >= CachedQueries)
        {
            Parsed.Clear(); // Texts with values in them would fill it without end.
        }

        Parsed[body.Text] = query;
        return query;
    }

    private static T Refusing<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqlException exception)
        {
            throw new RefusedException(Errors.BadRequest(exception.ErrorJson));
        }
    }

    private sealed class ResourceRows(IReadOnlyList<SqlRow> rows) : IRowSource
    {
        public IEnumerable<SqlRow> Rows(RowAccess access) => access.Order switch
        {
            RowOrder.ById => rows.OrderBy(Id, StringComparer.Ordinal),
            RowOrder.ByIdDescending => rows.OrderByDescending(Id, StringComparer.Ordinal),
            _ => rows.Where(row => row.Number >= access.FromNumber),
        };

        private static string? Id(SqlRow row)
        {
            using JsonDocument document = JsonDocument.Parse(row.Json);
            return document.RootElement.GetProperty("id"u8).GetString();
        }
    }

    /// <summary>The body of a query: <c>query</c>, <c>parameters</c> and, for a resumed ORDER BY, <c>resumeFilter</c>.</summary>
    private sealed class QueryBody : IDisposable
    {
        private readonly JsonDocument document;

        private QueryBody(JsonDocument document, string text)
        {
            this.document = document;
            Text = text;
        }

        public string Text { get; }

        public JsonElement Parameters => document.RootElement.TryGetProperty("parameters"u8, out JsonElement value) ? value : default;

        public JsonElement? ResumeFilter => document.RootElement.TryGetProperty("resumeFilter"u8, out JsonElement value) ? value : null;

        public static QueryBody Parse(ReadOnlyMemory<byte> body)
        {
            JsonDocument? document = null;
            try
            {
                document = JsonDocument.Parse(body);
                if (document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty("query"u8, out JsonElement query) && query.ValueKind == JsonValueKind.String)
                {
                    string text = query.GetString() ?? "";
                    return Encoding.UTF8.GetByteCount(text) <= Limits.QueryBytes
                        ? new QueryBody(document, text)
                        : throw new RefusedException(Errors.BadRequest($"A query may have {Limits.QueryBytes} bytes."));
                }

                document.Dispose();
                throw new RefusedException(Errors.MalformedBody("query", "The member 'query' is missing."));
            }
            catch (JsonException exception)
            {
                document?.Dispose();
                throw new RefusedException(Errors.MalformedBody("query", exception.Message));
            }
        }

        public void Dispose() => document.Dispose();
    }
}
