using System.Text.Json;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// Reads out of WHERE which rows can match at all, so that storage can use its indexes. What it doesn't understand wants all rows; the
/// filter runs again over what comes back.
/// </summary>
internal sealed class AccessPlanner(QueryCompiler constants, string root)
{
    private const int MaxAlternatives = 64;

    /// <summary>No alternatives at all: every row can match.</summary>
    private static IReadOnlyList<RowAlternative>? Everything => null;

    /// <summary>The name under which a query sees the stored items themselves, if it does.</summary>
    public static string? RootOf(Query query) =>
        query.From is [{ IsIterator: false, Collection: PathCollection { Path: Identifier } } source, ..] ? source.Name() : null;

    public static IReadOnlyList<RowAlternative> Alternatives(Query query, QueryCompiler constants) =>
        query.Where is Expression where && RootOf(query) is string root
            ? new AccessPlanner(constants, root).Analyze(where) ?? []
            : [];

    /// <summary>Limits all alternatives to a range of ids.</summary>
    public static IReadOnlyList<RowAlternative> Limit(IReadOnlyList<RowAlternative> alternatives, IdRange range) => alternatives.Count == 0
        ? [new(range, null, null)]
        : [.. alternatives.Select(alternative => alternative with { Ids = Intersect(alternative.Ids, range) })];

    private IReadOnlyList<RowAlternative>? Analyze(Expression expression) => expression switch
    {
        Binary { Operator: BinaryOperator.And } chain => chain.Operands().Select(Analyze).Aggregate(Everything, Both),
        Binary { Operator: BinaryOperator.Or } chain => Either([.. chain.Operands().Select(Analyze)]),
        Binary comparison when IsPath(comparison.Left) && constants.IsConstant(comparison.Right) =>
            Comparison(comparison.Operator, comparison.Left, constants.Evaluate(comparison.Right)),
        Binary comparison when IsPath(comparison.Right) && constants.IsConstant(comparison.Left) =>
            Comparison(Mirror(comparison.Operator), comparison.Right, constants.Evaluate(comparison.Left)),
        In { IsNegated: false } test when IsPath(test.Value) && test.Candidates.Count <= MaxAlternatives && test.Candidates.All(constants.IsConstant) =>
            Either([.. test.Candidates.Select(candidate => Comparison(BinaryOperator.Equal, test.Value, constants.Evaluate(candidate)))]),
        Between { IsNegated: false } between when IsPath(between.Value) => Both(
            Analyze(new Binary(BinaryOperator.GreaterOrEqual, between.Value, between.Low)),
            Analyze(new Binary(BinaryOperator.LessOrEqual, between.Value, between.High))),
        Call { Arguments: [var text, var prefix] } call
            when call.Name.Equals("STARTSWITH", StringComparison.OrdinalIgnoreCase) && IsId(text) && constants.IsConstant(prefix) =>
            Prefix(constants.Evaluate(prefix)),
        _ => Everything,
    };

    private bool IsPath(Expression expression) => expression switch
    {
        Member { Target: Identifier identifier } => identifier.Name == root,
        Member member => IsPath(member.Target),
        _ => false,
    };

    private bool IsId(Expression expression) => expression is Member { Name: "id", Target: Identifier identifier } && identifier.Name == root;

    private IReadOnlyList<RowAlternative>? Comparison(BinaryOperator operation, Expression path, SqlValue value)
    {
        if (IsId(path) && value.IsString)
        {
            IdRange? range = operation switch
            {
                BinaryOperator.Equal => new(value.String, true, value.String, true),
                BinaryOperator.Less => new(null, false, value.String, false),
                BinaryOperator.LessOrEqual => new(null, false, value.String, true),
                BinaryOperator.Greater => new(value.String, false, null, false),
                BinaryOperator.GreaterOrEqual => new(value.String, true, null, false),
                _ => null,
            };
            return range is null ? Everything : [new(range, null, null)];
        }

        return operation == BinaryOperator.Equal && value.IsPrimitive && path.PathText() is string text
            ? [new(null, text, ToElement(value))]
            : Everything;
    }

    private static IReadOnlyList<RowAlternative>? Prefix(SqlValue prefix)
    {
        if (!prefix.IsString || prefix.String.Length == 0)
        {
            return Everything;
        }

        // The first string after all with this prefix; at the edge of the code units the range stays open.
        char last = prefix.String[^1];
        string? end = last < 0xD7FF ? prefix.String[..^1] + (char)(last + 1) : null;
        return [new(new(prefix.String, true, end, false), null, null)];
    }

    private static JsonElement ToElement(SqlValue value)
    {
        using var document = JsonDocument.Parse(JsonText.Write(value));
        return document.RootElement.Clone();
    }

    private static BinaryOperator Mirror(BinaryOperator operation) => operation switch
    {
        BinaryOperator.Less => BinaryOperator.Greater,
        BinaryOperator.LessOrEqual => BinaryOperator.GreaterOrEqual,
        BinaryOperator.Greater => BinaryOperator.Less,
        BinaryOperator.GreaterOrEqual => BinaryOperator.LessOrEqual,
        _ => operation,
    };

    private static IReadOnlyList<RowAlternative>? Either(IReadOnlyList<IReadOnlyList<RowAlternative>?> sides)
    {
        var all = new List<RowAlternative>();
        foreach (IReadOnlyList<RowAlternative>? side in sides)
        {
            if (side is null || all.Count + side.Count > MaxAlternatives)
            {
                return Everything;
            }

            all.AddRange(side);
        }

        return all;
    }

    private static IReadOnlyList<RowAlternative>? Both(IReadOnlyList<RowAlternative>? left, IReadOnlyList<RowAlternative>? right) =>
        (left, right) switch
        {
            (null, _) => right,
            (_, null) => left,
            ([var one], [var other]) => [Merge(one, other)],
            _ => left.Count <= right.Count ? left : right, // Either side alone is enough: the filter runs again.
        };

    private static RowAlternative Merge(RowAlternative left, RowAlternative right) => new(
        Intersect(left.Ids, right.Ids), left.EqualPath ?? right.EqualPath, left.EqualPath is null ? right.EqualValue : left.EqualValue);

    private static IdRange? Intersect(IdRange? left, IdRange? right)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        (string? from, bool fromInclusive) = Narrower((left.From, left.FromInclusive), (right.From, right.FromInclusive), sign: 1);
        (string? to, bool toInclusive) = Narrower((left.To, left.ToInclusive), (right.To, right.ToInclusive), sign: -1);
        return new(from, fromInclusive, to, toInclusive);
    }

    private static (string? Id, bool IsInclusive) Narrower((string? Id, bool IsInclusive) left, (string? Id, bool IsInclusive) right, int sign)
    {
        if (left.Id is null || right.Id is null)
        {
            return left.Id is null ? right : left;
        }

        int order = string.CompareOrdinal(left.Id, right.Id) * sign;
        return order != 0 ? (order > 0 ? left : right) : (left.Id, left.IsInclusive && right.IsInclusive);
    }
}
