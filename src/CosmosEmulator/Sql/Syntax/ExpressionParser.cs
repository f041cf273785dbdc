using System.Collections.Frozen;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>
/// Scalar expressions by recursive descent, loosest first. NOT binds as tight as a sign, so <c>NOT a = b</c> is <c>(NOT a) = b</c>;
/// BETWEEN can't stand beside AND or OR without parentheses. Both are so in the service.
/// </summary>
internal sealed class ExpressionParser
{
    private const int MaxDepth = 512;
    private const int MaxLogicalOperators = 5000;
    private const int MaxOperators = 1000;
    private const int MaxSteps = 256;

    private static readonly FrozenDictionary<string, BinaryOperator> Comparisons = new Dictionary<string, BinaryOperator>
    {
        ["="] = BinaryOperator.Equal,
        ["!="] = BinaryOperator.NotEqual,
        ["<>"] = BinaryOperator.NotEqual,
        ["<"] = BinaryOperator.Less,
        ["<="] = BinaryOperator.LessOrEqual,
        [">"] = BinaryOperator.Greater,
        [">="] = BinaryOperator.GreaterOrEqual,
        ["<<"] = BinaryOperator.LeftShift,
        [">>"] = BinaryOperator.RightShift,
        [">>>"] = BinaryOperator.ZeroFillRightShift,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, BinaryOperator> Additives = new Dictionary<string, BinaryOperator>
    {
        ["+"] = BinaryOperator.Add,
        ["-"] = BinaryOperator.Subtract,
        ["&"] = BinaryOperator.BitwiseAnd,
        ["|"] = BinaryOperator.BitwiseOr,
        ["^"] = BinaryOperator.BitwiseXor,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, BinaryOperator> Concatenations =
        new Dictionary<string, BinaryOperator> { ["||"] = BinaryOperator.Concat }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, BinaryOperator> Multiplicatives = new Dictionary<string, BinaryOperator>
    {
        ["*"] = BinaryOperator.Multiply,
        ["/"] = BinaryOperator.Divide,
        ["%"] = BinaryOperator.Modulo,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, UnaryOperator> Signs = new Dictionary<string, UnaryOperator>
    {
        ["+"] = UnaryOperator.Plus,
        ["-"] = UnaryOperator.Minus,
        ["~"] = UnaryOperator.BitwiseNot,
    }.ToFrozenDictionary();

    private readonly TokenReader tokens;
    private readonly IReadOnlyDictionary<string, SqlValue> parameters;
    private readonly PrimaryParser primaries;
    private int depth;

    public ExpressionParser(TokenReader tokens, IReadOnlyDictionary<string, SqlValue> parameters, Func<Query> parseQuery)
    {
        this.tokens = tokens;
        this.parameters = parameters;
        primaries = new PrimaryParser(tokens, Parse, parseQuery);
    }

    // expression := coalesce [ '?' expression ':' expression ]
    public Expression Parse()
    {
        Limit(++depth, MaxDepth);
        int start = tokens.Start;
        Expression expression = ParseCoalesce();
        if (tokens.TakeSymbol("?"))
        {
            Expression whenTrue = Parse();
            tokens.ExpectSymbol(":");
            expression = new Conditional(expression, whenTrue, Parse()) { Span = tokens.SpanFrom(start) };
        }

        depth--;
        return expression;
    }

    /// <summary>Whether an index or a member was named by a parameter, so that the tree is another one with other values.</summary>
    public bool HasIndexByParameter { get; private set; }

    // { '.' identifier | '[' string ']' | '[' ['-'] number ']' | '[' parameter ']' }, the parameter with a string or a number and not in FROM
    public Expression ParseSteps(Expression target, bool isOfFrom = false)
    {
        for (int steps = 0; ; steps++)
        {
            Limit(steps, MaxSteps);
            if (tokens.TakeSymbol("."))
            {
                string name = tokens.Expect(TokenKind.Identifier).Text;
                target = new Member(target, name, IsDotted: true) { Span = tokens.SpanFrom(target.Span.Start) };
            }
            else if (tokens.TakeSymbol("["))
            {
                if (isOfFrom && !(tokens.Current.Kind is TokenKind.String or TokenKind.Number || tokens.AtSymbol("-")))
                {
                    throw tokens.Unexpected();
                }

                Expression index = Parse();
                tokens.ExpectSymbol("]");
                SourceSpan span = tokens.SpanFrom(target.Span.Start);
                string? parameter = (index as Parameter)?.Name;
                HasIndexByParameter |= parameter is not null;
                SqlValue value = parameter is not null ? parameters.GetValueOrDefault(parameter) : (index as Constant)?.Value ?? default;
                target = value.IsString ? new Member(target, value.String, IsDotted: false) { Span = span, Parameter = parameter }
                    : value.IsNumber ? new Element(target, value.Number) { Span = span, Parameter = parameter }
                    : throw SqlErrors.NotSupported(span, "member indexer");
            }
            else
            {
                return target;
            }
        }
    }

    // coalesce := (between | or) [ '??' coalesce ]
    private Expression ParseCoalesce()
    {
        Limit(++depth, MaxDepth);
        int start = tokens.Start;
        Expression left = ParseOr();
        if (tokens.TakeSymbol("??"))
        {
            left = new Binary(BinaryOperator.Coalesce, left, ParseCoalesce()) { Span = tokens.SpanFrom(start) };
        }

        depth--;
        return left;
    }

    // or := and { OR and }
    // between := comparison [NOT] BETWEEN comparison AND comparison
    private Expression ParseOr()
    {
        int start = tokens.Start;
        Expression left = ParseComparison();
        if (tokens.AtKeyword("BETWEEN") || (tokens.AtKeyword("NOT") && tokens.Next.IsKeyword("BETWEEN")))
        {
            bool isNegated = tokens.TakeKeyword("NOT");
            tokens.ExpectKeyword("BETWEEN");
            Expression low = ParseComparison();
            tokens.ExpectKeyword("AND");
            return new Between(left, low, ParseComparison(), isNegated) { Span = tokens.SpanFrom(start) };
        }

        left = ParseAnd(left, start);
        for (int count = 1; tokens.TakeKeyword("OR"); count++)
        {
            Limit(count, MaxLogicalOperators);
            int next = tokens.Start;
            left = new Binary(BinaryOperator.Or, left, ParseAnd(ParseComparison(), next)) { Span = tokens.SpanFrom(start) };
        }

        return left;
    }

    // and := predicate { AND predicate }, whose first comparison was read already
    private Expression ParseAnd(Expression first, int start)
    {
        Expression left = ParsePredicate(first, start);
        for (int count = 1; tokens.TakeKeyword("AND"); count++)
        {
            Limit(count, MaxLogicalOperators);
            int next = tokens.Start;
            left = new Binary(BinaryOperator.And, left, ParsePredicate(ParseComparison(), next)) { Span = tokens.SpanFrom(start) };
        }

        return left;
    }

    // predicate := comparison [ [NOT] IN '(' expressions ')' | [NOT] LIKE comparison [ESCAPE string] ]
    private Expression ParsePredicate(Expression value, int start)
    {
        bool isNegated = tokens.TakeKeyword("NOT");
        if (tokens.TakeKeyword("IN"))
        {
            tokens.ExpectSymbol("(");
            return tokens.AtSymbol(")")
                ? throw tokens.Unexpected()
                : new In(value, primaries.ParseList(")"), isNegated) { Span = tokens.SpanFrom(start) };
        }

        if (tokens.TakeKeyword("LIKE"))
        {
            Expression pattern = ParseComparison();
            return new Like(value, pattern, ParseEscape(), isNegated) { Span = tokens.SpanFrom(start) };
        }

        return isNegated ? throw tokens.Unexpected() : value;
    }

    private char? ParseEscape()
    {
        if (!tokens.TakeKeyword("ESCAPE"))
        {
            return null;
        }

        Token escape = tokens.Expect(TokenKind.String);
        return escape.Text.Length == 1
            ? escape.Text[0]
            : throw escape.Span.Error("SC2207", $"The invalid escape character '{escape.Text}' was specified in a LIKE predicate.");
    }

    // comparison := concatenation { ('=' | '!=' | '<>' | '<' | '<=' | '>' | '>=' | '<<' | '>>' | '>>>') concatenation }
    private Expression ParseComparison() => ParseLeftAssociative(Comparisons, ParseConcatenation);

    // concatenation := additive { '||' additive }
    private Expression ParseConcatenation() => ParseLeftAssociative(Concatenations, ParseAdditive);

    // additive := multiplicative { ('+' | '-' | '&' | '|' | '^') multiplicative }
    private Expression ParseAdditive() => ParseLeftAssociative(Additives, ParseMultiplicative);

    // multiplicative := unary { ('*' | '/' | '%') unary }
    private Expression ParseMultiplicative() => ParseLeftAssociative(Multiplicatives, ParseUnary);

    private Expression ParseLeftAssociative(FrozenDictionary<string, BinaryOperator> operators, Func<Expression> parseOperand)
    {
        int start = tokens.Start;
        Expression left = parseOperand();
        for (int count = 1; tokens.Current.Kind == TokenKind.Symbol && operators.TryGetValue(tokens.Current.Text, out BinaryOperator found); count++)
        {
            Limit(count, MaxOperators);
            tokens.Take();
            left = new Binary(found, left, parseOperand()) { Span = tokens.SpanFrom(start) };
        }

        return left;
    }

    // unary := (NOT | '+' | '-' | '~') unary | primary
    private Expression ParseUnary()
    {
        int start = tokens.Start;
        UnaryOperator sign = UnaryOperator.Not;
        bool isUnary = tokens.AtKeyword("NOT")
            || (tokens.Current.Kind == TokenKind.Symbol && Signs.TryGetValue(tokens.Current.Text, out sign));
        if (!isUnary)
        {
            return ParseSteps(primaries.Parse());
        }

        Token before = tokens.Take();
        if (sign == UnaryOperator.Minus && tokens.Current.Span.Start == before.Span.End && IsNumberLiteral(out SqlNumber number))
        {
            tokens.Take();
            return ParseSteps(new Constant(SqlValue.Of(Negate(number))) { Span = tokens.SpanFrom(start) });
        }

        Limit(++depth, MaxDepth);
        Expression operand = ParseUnary();
        depth--;
        return new Unary(sign, operand) { Span = tokens.SpanFrom(start) };
    }

    private bool IsNumberLiteral(out SqlNumber number)
    {
        number = tokens.AtKeyword("Infinity") ? new(double.PositiveInfinity) : tokens.Current.Number;
        return tokens.AtKeyword("Infinity") || tokens.Current.Kind == TokenKind.Number;
    }

    // A minus that touches its number belongs to the literal: "-0.0" is a negative zero, which no subtraction gives.
    private static SqlNumber Negate(SqlNumber number) => number.IsInteger ? -number : new(-number.Double);

    // Trees are walked by recursion, so their depth is limited; a chain of operators is as deep as it is long.
    private void Limit(int value, int limit)
    {
        if (value > limit)
        {
            throw SqlErrors.TooComplex(tokens.Current.Span);
        }
    }
}
