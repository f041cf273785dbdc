using System.Diagnostics;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>What the operators compute. Types that don't fit give undefined, never an error.</summary>
internal static class Operations
{
    public static SqlValue Apply(UnaryOperator operation, SqlValue value) => operation switch
    {
        UnaryOperator.Plus => value.IsNumber ? value : default,
        UnaryOperator.Minus => value.IsNumber ? SqlValue.Of(-value.Number) : default,
        UnaryOperator.BitwiseNot => value.IsNumber ? SqlValue.Of((long)~value.Number.ToInt32()) : default,
        UnaryOperator.Not => Not(value),
        _ => throw new UnreachableException($"No rule for {operation}."),
    };

    public static SqlValue Apply(BinaryOperator operation, SqlValue left, SqlValue right) => operation switch
    {
        BinaryOperator.Equal => AreEqual(left, right),
        BinaryOperator.NotEqual => Not(AreEqual(left, right)),
        BinaryOperator.Less => Compare(left, right, order => order < 0),
        BinaryOperator.LessOrEqual => Compare(left, right, order => order <= 0),
        BinaryOperator.Greater => Compare(left, right, order => order > 0),
        BinaryOperator.GreaterOrEqual => Compare(left, right, order => order >= 0),
        BinaryOperator.Concat => left.IsString && right.IsString ? SqlValue.Of(left.String + right.String) : default,
        _ => left.IsNumber && right.IsNumber ? Calculate(operation, left.Number, right.Number) : default,
    };

    public static SqlValue Not(SqlValue value) => value.Kind == SqlKind.Boolean ? SqlValue.Of(value.IsFalse) : default;

    public static SqlValue And(SqlValue left, SqlValue right) =>
        left.IsFalse || right.IsFalse ? SqlValue.False : left.IsTrue && right.IsTrue ? SqlValue.True : default;

    /// <summary>Undefined equals nothing, not even itself; values of two types are different.</summary>
    public static SqlValue AreEqual(SqlValue left, SqlValue right) =>
        left.IsUndefined || right.IsUndefined ? default : SqlValue.Of(left == right);

    /// <summary>Only primitive values of one type have an order.</summary>
    public static SqlValue Compare(SqlValue left, SqlValue right, Func<int, bool> test) =>
        left.Kind == right.Kind && left.IsPrimitive ? SqlValue.Of(test(left.CompareTo(right))) : default;

    private static SqlValue Calculate(BinaryOperator operation, SqlNumber left, SqlNumber right) => operation switch
    {
        BinaryOperator.Multiply => Number(left * right),
        BinaryOperator.Divide => Number(left / right),
        BinaryOperator.Modulo => Number(left % right),
        BinaryOperator.Add => Number(left + right),
        BinaryOperator.Subtract => Number(left - right),
        BinaryOperator.BitwiseAnd => SqlValue.Of((long)(left.ToInt32() & right.ToInt32())),
        BinaryOperator.BitwiseOr => SqlValue.Of((long)(left.ToInt32() | right.ToInt32())),
        BinaryOperator.BitwiseXor => SqlValue.Of((long)(left.ToInt32() ^ right.ToInt32())),
        BinaryOperator.LeftShift => SqlValue.Of((long)(left.ToInt32() << (right.ToInt32() & 31))),
        BinaryOperator.RightShift => SqlValue.Of((long)(left.ToInt32() >> (right.ToInt32() & 31))),
        BinaryOperator.ZeroFillRightShift => SqlValue.Of((long)((uint)left.ToInt32() >> (right.ToInt32() & 31))),
        _ => throw new UnreachableException($"No arithmetic for {operation}."),
    };

    private static SqlValue Number(SqlNumber result) => double.IsNaN(result.Double) ? default : SqlValue.Of(result);
}
