using System.Buffers;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// One page of one query. There are three ways to order results: storage delivers them in order (by number or by id), so they are
/// pulled until the page is full; the best of all rows are kept (any other ORDER BY); or everything is computed again for
/// each page (groups and DISTINCT). Whichever it is, a page ends at a position that means the same in every part of the partition after
/// a split, so that a token from before goes on in each part and nothing is lost.
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
    private readonly QueryShape shape;
    private readonly bool isStreamedById;
    private long seen;

    public QueryExecution(QueryRequest request, IRowSource rows)
    {
        this.request = request;
        this.rows = rows;
        query = request.Query.Tree;
        parameters = Parameters.Read(request.Parameters);
        shape = QueryShape.Of(query);
        bool[] descends = [.. query.OrderBy.Select(item => item.Descends)];
        order = new([.. descends, .. query.GroupBy.Select(_ => false)]);
        OrderRules.Check(query, request.CompositeIndexes, request.IsIndexed);
        isStreamedById = !shape.NeedsAllRows && IsOrderedById(query);
        token = request.Continuation is string text ? ContinuationToken.Parse(text, descends.Length + query.GroupBy.Count) : null;
        seen = shape.NeedsAllRows ? 0 : token?.Seen ?? 0; // With all rows at hand, what came before is counted anew.
        resume = request.ResumeFilter is { ValueKind: not System.Text.Json.JsonValueKind.Null } filter && descends.Length > 0
            ? ResumeFilter.Parse(filter, descends.Length, new PositionOrder(descends))
            : null;
    }

    private int MaxItems => request.MaxItemCount > 0 ? request.MaxItemCount : int.MaxValue;

    private int MaxBytes => request.MaxPageBytes > 0 ? request.MaxPageBytes : DefaultMaxPageBytes;

    public QueryPage Run()
    {
        var compiler = new QueryCompiler(parameters, request.Clock) { IsIndexed = request.IsIndexed };
        CompiledQuery compiled = compiler.Compile(query, rows.Rows(Access(compiler)));
        var frame = new Frame(compiler.SlotCount);
        (long skip, long end) = Window();
        QueryPage page = Fill(frame, skip < end ? Results(compiled, frame, skip) : [], skip, end);
        return page with { IndexLookups = compiler.IndexLookups, BytesLoaded = BytesLoaded(frame, page, compiler.IsServedByIndex) };
    }

    // An index that has the order too gives a page's items only; here an order is made by looking at all of them.
    private long BytesLoaded(Frame frame, QueryPage page, bool isServedByIndex) =>
        query.OrderBy.Count > 0 && isServedByIndex && !shape.NeedsAllRows && frame.RowsLoaded > page.Documents.Count
            ? frame.BytesLoaded * page.Documents.Count / frame.RowsLoaded
            : frame.BytesLoaded;

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
        Position? last = null;
        string? continuation = null;
        foreach ((Position position, SqlValue value) in results)
        {
            // One result more than fits is pulled: only then is it known that there is another page.
            if (documents.Count > 0 && (documents.Count >= MaxItems || bytes >= MaxBytes) && !shape.IsOnePage)
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

        return new(documents, continuation, frame.RowsScanned, frame.BytesScanned) { RequiresDistribution = shape.DependsOnAllRows };
    }

    private IEnumerable<(Position Position, SqlValue Value)> Results(CompiledQuery compiled, Frame frame, long skip)
    {
        if (shape.NeedsAllRows)
        {
            return FromAllRows(compiled, frame);
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
        long before = Math.Max(0, skip - seen);
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

    // The rows that pass WHERE, the token and the resume filter.
    private IEnumerable<Position> Positions(CompiledQuery compiled, Frame frame) => AllPositions(compiled, frame).Where(IsWanted);

    // A group stands where its keys are. Among rows the ordinal counts before any filter, so it means the same on every page.
    private static IEnumerable<Position> AllPositions(CompiledQuery compiled, Frame frame)
    {
        ulong? number = null;
        long ordinal = 0;
        foreach (Frame row in compiled.Source.Rows(frame))
        {
            IEnumerable<Evaluator> keys = compiled.OrderBy.Select(item => item.Key);
            if (compiled.IsGrouped)
            {
                yield return new([.. keys.Concat(compiled.GroupBy).Select(key => new OrderKey(key(row)))], 0, 0);
                continue;
            }

            ordinal = number == row.Number ? ordinal + 1 : 0;
            number = row.Number;
            yield return new([.. keys.Select(key => new OrderKey(key(row)))], row.Number, ordinal);
        }
    }

    private bool IsWanted(Position position) =>
        (token is null || order.Compare(position, token.Last) > 0) && (resume is null || resume.Admits(position.Keys, position.Number));

    // Groups and first occurrences are known only from all rows: each page computes them again and begins behind the last position.
    private IEnumerable<(Position Position, SqlValue Value)> FromAllRows(CompiledQuery compiled, Frame frame)
    {
        var all = AllPositions(compiled, frame)
            .Select(position => (Position: position, Value: compiled.Select(frame)))
            .Where(result => !result.Value.IsUndefined);
        foreach ((Position position, SqlValue value) in compiled.IsDistinct ? Distinct(all) : all.OrderBy(result => result.Position, order))
        {
            if (IsWanted(position))
            {
                yield return (position, value);
            }
            else if (token is not null && order.Compare(position, token.Last) <= 0)
            {
                seen++;
            }
        }
    }

    // A value stands where it occurs first in the order of the answer. It can only move backwards when a split takes rows away,
    // so what a page has passed is never a value that it hasn't given.
    private IEnumerable<(Position Position, SqlValue Value)> Distinct(IEnumerable<(Position Position, SqlValue Value)> all)
    {
        bool isInOrder = query.OrderBy.Count == 0 && !shape.IsGrouped;
        return (isInOrder ? all : all.OrderBy(result => result.Position, order)).DistinctBy(result => result.Value);
    }

    private RowAccess Access(QueryCompiler compiler)
    {
        IReadOnlyList<RowAlternative> alternatives = AccessPlanner.Alternatives(query, compiler);
        if (!isStreamedById)
        {
            bool resumes = token is not null && !shape.DependsOnAllRows && query.OrderBy.Count == 0;
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
