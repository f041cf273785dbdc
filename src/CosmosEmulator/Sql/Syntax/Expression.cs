using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>A scalar expression. Closed: every case is in this file.</summary>
internal abstract record Expression
{
    private protected Expression() { }

    public SourceSpan Span { get; init; }
}

internal sealed record Constant(SqlValue Value) : Expression;

/// <summary><c>@name</c>, the name without its sign.</summary>
internal sealed record Parameter(string Name) : Expression;

/// <summary>A name from the FROM clause.</summary>
internal sealed record Identifier(string Name) : Expression;

/// <summary><c>target.name</c> or <c>target["name"]</c>, which mean the same and only print differently.</summary>
internal sealed record Member(Expression Target, string Name, bool IsDotted) : Expression
{
    /// <summary>The parameter that gave the name: <c>target[@p]</c>.</summary>
    public string? Parameter { get; init; }

    public bool Equals(Member? other) => other is not null && Name == other.Name && Target.Equals(other.Target);

    public override int GetHashCode() => HashCode.Combine(Target, Name);
}

/// <summary><c>target[index]</c></summary>
internal sealed record Element(Expression Target, SqlNumber Index) : Expression
{
    /// <summary>The parameter that gave the index: <c>target[@p]</c>.</summary>
    public string? Parameter { get; init; }

    public bool Equals(Element? other) => other is not null && Index.Equals(other.Index) && Target.Equals(other.Target);

    public override int GetHashCode() => HashCode.Combine(Target, Index);
}

internal enum UnaryOperator
{
    Plus,
    Minus,
    BitwiseNot,
    Not,
}

internal sealed record Unary(UnaryOperator Operator, Expression Operand) : Expression;

internal enum BinaryOperator
{
    Multiply,
    Divide,
    Modulo,
    Add,
    Subtract,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    Concat,
    LeftShift,
    RightShift,
    ZeroFillRightShift,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Coalesce,
}

internal sealed record Binary(BinaryOperator Operator, Expression Left, Expression Right) : Expression
{
    /// <summary>The operands of a chain such as <c>a AND b AND c</c>, left to right, without recursion.</summary>
    public IReadOnlyList<Expression> Operands()
    {
        var operands = new List<Expression>();
        Expression current = this;
        while (current is Binary binary && binary.Operator == Operator)
        {
            operands.Add(binary.Right);
            current = binary.Left;
        }

        operands.Add(current);
        operands.Reverse();
        return operands;
    }
}

/// <summary><c>condition ? whenTrue : otherwise</c></summary>
internal sealed record Conditional(Expression Condition, Expression WhenTrue, Expression Otherwise) : Expression;

internal sealed record Between(Expression Value, Expression Low, Expression High, bool IsNegated) : Expression;

internal sealed record In(Expression Value, Nodes<Expression> Candidates, bool IsNegated) : Expression;

internal sealed record Like(Expression Value, Expression Pattern, char? Escape, bool IsNegated) : Expression;

internal sealed record ArrayLiteral(Nodes<Expression> Items) : Expression;

internal sealed record PropertyNode(string Name, Expression Value);

internal sealed record ObjectLiteral(Nodes<PropertyNode> Properties) : Expression;

/// <summary>A call of a built-in function or aggregate, its name as written.</summary>
internal sealed record Call(string Name, Nodes<Expression> Arguments) : Expression
{
    public bool Equals(Call? other) =>
        other is not null && Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase) && Arguments.Equals(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Name.ToUpperInvariant(), Arguments);
}

internal enum SubqueryKind
{
    Scalar,
    Exists,
    Array,
    First,
    Last,
}

internal sealed record Subquery(SubqueryKind Kind, Query Query) : Expression;

/// <summary>The place in a rewritten query where the client puts its filter. Only the planner makes it, and only the printer sees it.</summary>
internal sealed record FilterPlaceholder : Expression;
