using System.Text.Json;
using CsCheck;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Tests.Sql;

public sealed class PrinterTests
{
    private static readonly Gen<string> Name = Gen.OneOf("c", "d", "first", "rank", "_x1", "é");

    private static readonly Gen<string> Text = Gen.OneOf("", "a", "it's", "\"q\"", "back\\slash", "line\nbreak", "\u0001", "é😀", "SELECT");

    private static readonly Gen<SqlNumber> Number = Gen.OneOf(
        Gen.Long.Select(value => new SqlNumber(value == long.MinValue ? 0 : value)),
        Gen.Double[-1e20, 1e20].Select(value => new SqlNumber(value + 0.5)),
        Gen.OneOf(0.1, 1.0 / 3, 1e-7, 1e300, double.PositiveInfinity).Select(value => new SqlNumber(value)));

    private static readonly Gen<Expression> Leaf = Gen.OneOf<Expression>(
        Name.Select(name => (Expression)new Identifier(name)),
        Name.Select(name => (Expression)new Parameter(name)),
        Text.Select(text => (Expression)new Constant(SqlValue.Of(text))),
        Number.Select(number => (Expression)new Constant(SqlValue.Of(number))),
        Gen.OneOf(SqlValue.Null, SqlValue.Undefined, SqlValue.True, SqlValue.False).Select(value => (Expression)new Constant(value)));

    private static readonly Gen<Expression> Tree = Gen.Recursive<Expression>((depth, inner) => depth > 4 ? Leaf : Node(inner));

    [Fact]
    public void Parsing_what_was_printed_gives_the_same_expression() => Tree.Sample(
        tree =>
        {
            string text = $"SELECT VALUE {Printer.Print(tree)} FROM c";
            var selection = (SelectValue)new QueryParser(text, new Dictionary<string, SqlValue>()).Parse().Select.Selection;
            Assert.True(Same(tree, selection.Value), $"{text}\n{Printer.Print(selection.Value)}");
        },
        iter: 3000);

    public static TheoryData<string> Queries =>
        [.. CaseFile.Lines("plans.txt").Concat(CaseFile.Read("queries.txt").Select(row => row.Data.Item1))];

    [Theory]
    [MemberData(nameof(Queries))]
    public void Parsing_what_was_printed_gives_the_same_query(string line)
    {
        (string query, string? parameters) = SqlRunner.Split(line);
        IReadOnlyDictionary<string, SqlValue> values = Parameters.Read(parameters is null ? default : JsonElement.Parse(parameters));
        Query tree = new QueryParser(query, values).Parse();
        Assert.Equal(tree, new QueryParser(Printer.Print(tree), values).Parse());
    }

    // The tree's own equality looks through the spelling of c["a"] and of function names; the text doesn't.
    private static bool Same(Expression left, Expression right) => left.Equals(right) && Printer.Print(left) == Printer.Print(right);

    private static Gen<Expression> Node(Gen<Expression> inner) => Gen.OneOf<Expression>(
        Leaf,
        Gen.Select(inner, Name, Gen.Bool, (target, name, dotted) => (Expression)new Member(target, name, dotted)),
        Gen.Select(inner, Text, (target, name) => (Expression)new Member(target, name, IsDotted: false)),
        Gen.Select(inner, Gen.Int[0, 9], (target, index) => (Expression)new Element(target, new SqlNumber((long)index))),
        Gen.Select(Gen.Enum<UnaryOperator>(), inner, (operation, operand) => (Expression)new Unary(operation, operand)),
        Gen.Select(Gen.Enum<BinaryOperator>(), inner, inner, (operation, left, right) => (Expression)new Binary(operation, left, right)),
        Gen.Select(inner, inner, inner, (condition, yes, no) => (Expression)new Conditional(condition, yes, no)),
        Gen.Select(inner, inner, inner, Gen.Bool, (value, low, high, not) => (Expression)new Between(value, low, high, not)),
        Gen.Select(inner, inner.Array[1, 3], Gen.Bool, (value, list, not) => (Expression)new In(value, new(list), not)),
        Gen.Select(inner, inner, Gen.Bool, Gen.Bool, (value, pattern, not, escapes) => (Expression)new Like(value, pattern, escapes ? '!' : null, not)),
        inner.Array[0, 3].Select(items => (Expression)new ArrayLiteral(new(items))),
        Gen.Select(Text, inner, (name, value) => (Expression)new ObjectLiteral(new([new(name, value)]))),
        Gen.Select(Gen.OneOf("ABS", "left", "Concat"), inner.Array[0, 3], (name, arguments) => (Expression)new Call(name, new(arguments))),
        Gen.Select(Gen.Enum<SubqueryKind>(), inner, inner, (kind, value, where) => (Expression)new Subquery(kind, Subquery(value, where))));

    private static Query Subquery(Expression value, Expression where) => new(
        new(false, null, new SelectValue(value)),
        new([new(new PathCollection(new Member(new Identifier("c"), "x", IsDotted: true)), "t", IsIterator: true)]),
        where,
        Nodes<Expression>.None,
        Nodes<OrderItem>.None,
        null);
}
