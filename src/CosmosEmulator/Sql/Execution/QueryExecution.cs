using System.Buffers;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// One page of one query. There are three ways to order results: storage delivers them in order (by number or by id), so they are
/// pulled until the page is full; the best of all rows are kept (any other ORDER BY); or everything is computed again for
/// each page (groups and DISTINCT).
/// </summary>
internal sealed class QueryExecution
{
    private const int DefaultMaxPageBytes = 4 * 1024 * 1024;

    private readonly Query query;
    private readonly QueryRequest request;
    private readonly IRowSource rows;
    private readonly IReadOnlyDictionary<string, SqlValue> parameters;
    private readonly PositionOrder order;
    private readonly ContinuationToken? token;
    private readonly ResumeFilter? resume;
    private readonly bool isStreamedById;
    private readonly bool isComputedAtOnce;

    public QueryExecution(QueryRequest request, IRowSource rows)
    {
        this.request = request;
        this.rows = rows;
        query = request.Query.Tree;
        parameters = Parameters.Read(request.Parameters);
        order = new([.. query.OrderBy.Select(item => item.Descends)]);
        OrderRules.Check(query, request.CompositeIndexes);
        isComputedAtOnce = IsComputedAtOnce(query);
        isStreamedById = !isComputedAtOnce && IsOrderedById(query);
        int keys = isComputedAtOnce ? 0 : query.OrderBy.Count;
        token = request.Continuation is string text ? ContinuationToken.Parse(text, keys) : null;
        resume = request.ResumeFilter is { ValueKind: not System.Text.Json.JsonValueKind.Null } filter && keys > 0
            ? ResumeFilter.Parse(filter, keys, order)
            : null;
    }

    private int MaxItems => request.MaxItemCount > 0 ? request.MaxItemCount : int.MaxValue;

    private int MaxBytes => request.MaxPageBytes > 0 ? request.MaxPageBytes : DefaultMaxPageBytes;

    public QueryPage Run()
    {
        var compiler = new QueryCompiler(parameters, request.Clock);
        CompiledQuery compiled = compiler.Compile(query, rows.Rows(Access(compiler)));
        var frame = new Frame(compiler.SlotCount);
        (long skip, long end) = Window();
        return Fill(frame, skip < end ? Results(compiled, frame, skip) : [], skip, end);
    }

    // The results to leave out at the front, and the count after which there are no more.
    private (long Skip, long End) Window()
    {
        if (Parameters.Page(query, parameters) is (long offset, long limit))
        {
            return (offset, offset > long.MaxValue - limit ? long.MaxValue : offset + limit);
        }

        return (0, Parameters.Top(query, parameters) ?? long.MaxValue);
    }

    private QueryPage Fill(Frame frame, IEnumerable<(Position Position, SqlValue Value)> results, long skip, long end)
    {
        var documents = new List<ReadOnlyMemory<byte>>();
        long bytes = 0;
        long seen = token?.Seen ?? 0;
        Position? last = null;
        string? continuation = null;
        foreach ((Position position, SqlValue value) in results)
        {
            // One result more than fits is pulled: only then is it known that there is another page.
            if (documents.Count > 0 && (documents.Count >= MaxItems || bytes >= MaxBytes))
            {
                continuation = last is null ? null : new ContinuationToken(seen, last).ToString();
                break;
            }

            seen++;
            last = position;
            if (seen > skip)
            {
                ReadOnlyMemory<byte> document = Write(value);
                bytes += document.Length;
                documents.Add(document);
            }

            if (seen >= end)
            {
                break;
            }
        }

        return new(documents, continuation, frame.RowsScanned, frame.BytesScanned);
    }

    private IEnumerable<(Position Position, SqlValue Value)> Results(CompiledQuery compiled, Frame frame, long skip)
    {
        if (isComputedAtOnce)
        {
            return ComputeAtOnce(compiled, frame);
        }

        return query.OrderBy.Count == 0 || isStreamedById ? Stream(compiled, frame) : SelectFirst(compiled, frame, skip);
    }

    private IEnumerable<(Position Position, SqlValue Value)> Stream(CompiledQuery compiled, Frame frame)
    {
        foreach (Position position in Positions(compiled, frame))
        {
            SqlValue value = compiled.Select(frame);
            if (!value.IsUndefined)
            {
                yield return (position, value);
            }
        }
    }

    // Only as many rows are kept as this page can need, the worst of them on top of the heap.
    private List<(Position Position, SqlValue Value)> SelectFirst(CompiledQuery compiled, Frame frame, long skip)
    {
        long before = Math.Max(0, skip - (token?.Seen ?? 0));
        long wanted = before > int.MaxValue ? int.MaxValue : Math.Min(int.MaxValue, before + MaxItems + 1L);
        var reverse = Comparer<Position>.Create((left, right) => order.Compare(right, left));
        var best = new PriorityQueue<SqlValue, Position>(reverse);
        foreach (Position position in Positions(compiled, frame))
        {
            if (best.Count >= wanted && best.TryPeek(out _, out Position? worst) && order.Compare(position, worst) >= 0)
            {
                continue;
            }

            SqlValue value = compiled.Select(frame);
            if (value.IsUndefined)
            {
                continue;
            }

            best.Enqueue(value, position);
            if (best.Count > wanted)
            {
                best.Dequeue();
            }
        }

        var results = best.UnorderedItems.Select(item => (Position: item.Priority, Value: item.Element)).ToList();
        results.Sort((left, right) => order.Compare(left.Position, right.Position));
        return results;
    }

    // The rows that pass WHERE, the token and the resume filter. The ordinal counts before both, so it means the same on every page.
    private IEnumerable<Position> Positions(CompiledQuery compiled, Frame frame)
    {
        ulong? number = null;
        long ordinal = 0;
        foreach (Frame row in compiled.Source.Rows(frame))
        {
            ordinal = number == row.Number ? ordinal + 1 : 0;
            number = row.Number;
            var position = new Position([.. compiled.OrderBy.Select(item => new OrderKey(item.Key(row)))], row.Number, ordinal);
            if ((token is null || order.Compare(position, token.Last) > 0) && (resume is null || resume.Admits(position.Keys, row.Number)))
            {
                yield return position;
            }
        }
    }

    private IEnumerable<(Position Position, SqlValue Value)> ComputeAtOnce(CompiledQuery compiled, Frame frame)
    {
        var results = new List<(Position Position, SqlValue Value)>();
        HashSet<SqlValue>? seen = compiled.IsDistinct ? [] : null;
        foreach (Frame row in compiled.Source.Rows(frame))
        {
            SqlValue value = compiled.Select(row);
            if (!value.IsUndefined && (seen is null || seen.Add(value)))
            {
                results.Add((new([.. compiled.OrderBy.Select(item => new OrderKey(item.Key(row)))], 0, results.Count), value));
            }
        }

        results.Sort((left, right) => order.Compare(left.Position, right.Position));
        var start = new Position([], 0, 0);
        return results.Skip((int)Math.Min(token?.Seen ?? 0, int.MaxValue)).Select(result => (start, result.Value));
    }

    private RowAccess Access(QueryCompiler compiler)
    {
        IReadOnlyList<RowAlternative> alternatives = AccessPlanner.Alternatives(query, compiler);
        if (!isStreamedById)
        {
            bool resumes = token is not null && !isComputedAtOnce && query.OrderBy.Count == 0;
            return new(alternatives, RowOrder.ByNumber) { FromNumber = resumes && token is not null ? token.Last.Number : 0 };
        }

        bool descends = query.OrderBy[0].Descends;
        foreach (OrderKey? start in new[] { token?.Last.Keys[0], resume?.Values[0] })
        {
            if (start?.Value is { IsString: true } id)
            {
                IdRange range = descends ? new(null, false, id.String, true) : new(id.String, true, null, false);
                alternatives = AccessPlanner.Limit(alternatives, range);
            }
        }

        return new(alternatives, descends ? RowOrder.ByIdDescending : RowOrder.ById);
    }

    private static bool IsOrderedById(Query query) =>
        query.OrderBy is [{ Value: Member { Name: "id", Target: Identifier root } }] && root.Name == AccessPlanner.RootOf(query);

    private static bool IsComputedAtOnce(Query query) =>
        query.Select.IsDistinct
        || query.GroupBy.Count > 0
        || AggregateCalls.Of(query).Count > 0
        || query.From.Any(source => source.Collection is SubqueryCollection inner && IsComputedAtOnce(inner.Query));

    private static ReadOnlyMemory<byte> Write(SqlValue value)
    {
        ReadOnlyMemory<byte> stored = value.Kind switch
        {
            SqlKind.Object => value.Object.Json,
            SqlKind.Array => value.Array.Json,
            _ => default,
        };
        if (!stored.IsEmpty)
        {
            return stored;
        }

        var buffer = new ArrayBufferWriter<byte>();
        JsonText.Write(value, buffer, keepsStored: true);
        return buffer.WrittenMemory;
    }
}
