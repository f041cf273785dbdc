using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>The operands of expressions: literals, names, calls, arrays, objects, subqueries.</summary>
internal sealed class PrimaryParser(TokenReader tokens, Func<Expression> parseExpression, Func<Query> parseQuery)
{
    // primary := literal | parameter | identifier | call | array | object | '(' expression ')' | subquery
    public Expression Parse()
    {
        Token token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return ParseConstant(SqlValue.Of(token.Number));
            case TokenKind.String:
                return ParseConstant(SqlValue.Of(token.Text));
            case TokenKind.Parameter:
                tokens.Take();
                return new Parameter(token.Text) { Span = token.Span };
            case TokenKind.Identifier:
                return ParseIdentifier();
            case TokenKind.Keyword:
                return ParseKeyword();
            default:
                return token.Text switch
                {
                    "(" when token.Kind == TokenKind.Symbol => ParseParentheses(),
                    "[" when token.Kind == TokenKind.Symbol => ParseArray(),
                    "{" when token.Kind == TokenKind.Symbol => ParseObject(),
                    _ => throw tokens.Unexpected(),
                };
        }
    }

    private Constant ParseConstant(SqlValue value) => new(value) { Span = tokens.Take().Span };

    // identifier | identifier '(' expressions ')' | (FIRST | LAST) '(' query ')'
    private Expression ParseIdentifier()
    {
        Token name = tokens.Take();
        if (!tokens.AtSymbol("("))
        {
            return new Identifier(name.Text) { Span = name.Span };
        }

        if (tokens.Next.IsKeyword("SELECT"))
        {
            return name.Text.ToUpperInvariant() switch
            {
                "FIRST" => ParseSubquery(SubqueryKind.First, name.Span.Start),
                "LAST" => ParseSubquery(SubqueryKind.Last, name.Span.Start),
                "ALL" => throw SqlErrors.NotSupported(name.Span, "ALL"),
                _ => throw Unexpected(afterParenthesis: true),
            };
        }

        return ParseCall(name.Text, name.Span.Start);
    }

    private SqlException Unexpected(bool afterParenthesis)
    {
        if (afterParenthesis)
        {
            tokens.Take();
        }

        return tokens.Unexpected();
    }

    private Expression ParseKeyword()
    {
        Token token = tokens.Current;
        switch (token.Text)
        {
            case "true":
                return ParseConstant(SqlValue.True);
            case "false":
                return ParseConstant(SqlValue.False);
            case "null":
                return ParseConstant(SqlValue.Null);
            case "undefined":
                return ParseConstant(SqlValue.Undefined);
            case "Infinity":
                return ParseConstant(SqlValue.Of(double.PositiveInfinity));
            case "NaN":
                return ParseConstant(SqlValue.Of(double.NaN));
            case "LEFT" or "RIGHT":
                tokens.Take();
                return ParseCall(tokens.Written(token), token.Span.Start);
            case "EXISTS":
                tokens.Take();
                return ParseSubquery(SubqueryKind.Exists, token.Span.Start);
            case "ARRAY":
                tokens.Take();
                return ParseSubquery(SubqueryKind.Array, token.Span.Start);
            case "udf":
                return ParseUserDefinedFunction();
            default:
                throw tokens.Unexpected();
        }
    }

    // udf '.' identifier '(' expressions ')', which is refused by name
    private Call ParseUserDefinedFunction()
    {
        int start = tokens.Take().Span.Start;
        tokens.ExpectSymbol(".");
        Call call = ParseCall(tokens.Expect(TokenKind.Identifier).Text, start);
        throw SqlErrors.NotSupported(call.Span, $"user-defined function udf.{call.Name}");
    }

    // call := name '(' [expressions] ')'
    private Call ParseCall(string name, int start)
    {
        tokens.ExpectSymbol("(");
        return new(name, ParseList(")")) { Span = tokens.SpanFrom(start) };
    }

    // subquery := '(' query ')'
    private Subquery ParseSubquery(SubqueryKind kind, int start)
    {
        tokens.ExpectSymbol("(");
        Query query = parseQuery();
        tokens.ExpectSymbol(")");
        return new(kind, query) { Span = tokens.SpanFrom(start) };
    }

    // '(' expression ')' | '(' query ')'
    private Expression ParseParentheses()
    {
        if (tokens.Next.IsKeyword("SELECT"))
        {
            return ParseSubquery(SubqueryKind.Scalar, tokens.Start);
        }

        tokens.ExpectSymbol("(");
        Expression inner = parseExpression();
        tokens.ExpectSymbol(")");
        return inner;
    }

    // array := '[' [expressions] ']'
    private ArrayLiteral ParseArray()
    {
        int start = tokens.Take().Span.Start;
        return new(ParseList("]")) { Span = tokens.SpanFrom(start) };
    }

    // object := '{' [ name ':' expression { ',' name ':' expression } ] '}', name := string | identifier
    private ObjectLiteral ParseObject()
    {
        int start = tokens.Take().Span.Start;
        var properties = new List<PropertyNode>();
        while (!tokens.AtSymbol("}") || properties.Count > 0)
        {
            Token name = tokens.Current.Kind == TokenKind.String ? tokens.Take() : tokens.Expect(TokenKind.Identifier);
            if (properties.Any(property => property.Name == name.Text))
            {
                throw name.Span.Error("SC2022", $"Object creation error, property name '{name.Text}' specified more than once.");
            }

            tokens.ExpectSymbol(":");
            properties.Add(new(name.Text, parseExpression()));
            if (!tokens.TakeSymbol(","))
            {
                break;
            }
        }

        tokens.ExpectSymbol("}");
        return new(new(properties)) { Span = tokens.SpanFrom(start) };
    }

    // [ expression { ',' expression } ] close
    public Nodes<Expression> ParseList(string close)
    {
        var items = new List<Expression>();
        if (tokens.TakeSymbol(close))
        {
            return Nodes<Expression>.None;
        }

        do
        {
            items.Add(parseExpression());
        }
        while (tokens.TakeSymbol(","));
        tokens.ExpectSymbol(close);
        return new(items);
    }
}
