using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>
/// The clauses of a query; <see cref="ExpressionParser"/> has the expressions. Grammar and precedence are those of the service's own
/// parser, found by asking it.
/// </summary>
internal sealed class QueryParser
{
    private readonly TokenReader tokens;
    private readonly ExpressionParser expressions;

    public QueryParser(string text, IReadOnlyDictionary<string, SqlValue> parameters)
    {
        tokens = new TokenReader(text);
        expressions = new ExpressionParser(tokens, parameters, ParseQuery);
    }

    /// <summary>Whether the tree is another one with other values of the parameters.</summary>
    public bool DependsOnParameters => expressions.HasIndexByParameter;

    // program := query END
    public Query Parse()
    {
        Query query = ParseQuery();
        tokens.Expect(TokenKind.End);
        return query;
    }

    // condition := FROM sources [WHERE expression] END, which is how a patch says its condition
    public Query ParseCondition()
    {
        Nodes<Source> from = ParseFrom();
        Expression? where = tokens.TakeKeyword("WHERE") ? expressions.Parse() : null;
        tokens.Expect(TokenKind.End);
        var select = new SelectClause(false, null, new SelectValue(new Constant(SqlValue.True)));
        return new(select, from, where, Nodes<Expression>.None, Nodes<OrderItem>.None, null);
    }

    // query := SELECT select [FROM sources] [WHERE expression] [GROUP BY expressions] [ORDER BY items] [OFFSET count LIMIT count]
    private Query ParseQuery()
    {
        int start = tokens.Start;
        SelectClause select = ParseSelect();
        Nodes<Source> from = tokens.AtKeyword("FROM") ? ParseFrom() : Nodes<Source>.None;
        Expression? where = tokens.TakeKeyword("WHERE") ? expressions.Parse() : null;
        Nodes<Expression> groupBy = ParseGroupBy();
        int orderStart = tokens.Start;
        Nodes<OrderItem> orderBy = ParseOrderBy();
        SourceSpan orderBySpan = tokens.SpanFrom(orderStart);
        OffsetLimit? offsetLimit = ParseOffsetLimit();
        return new(select, from, where, groupBy, orderBy, offsetLimit) { Span = tokens.SpanFrom(start), OrderBySpan = orderBySpan };
    }

    // select := SELECT [DISTINCT] [TOP count] ( '*' | VALUE expression | item { ',' item } )
    private SelectClause ParseSelect()
    {
        tokens.ExpectKeyword("SELECT");
        bool isDistinct = tokens.TakeKeyword("DISTINCT");
        int topStart = tokens.Start;
        Count? top = tokens.TakeKeyword("TOP") ? ParseCount("SC2060", "The count value provided for a TOP clause must be an integer.") : null;
        SourceSpan topSpan = tokens.SpanFrom(topStart);
        Selection selection;
        if (tokens.AtSymbol("*"))
        {
            selection = new SelectStar { Span = tokens.Take().Span };
        }
        else if (tokens.TakeKeyword("VALUE"))
        {
            selection = new SelectValue(expressions.Parse());
        }
        else
        {
            selection = new SelectList(ParseList(ParseSelectItem));
        }

        return new(isDistinct, top, selection) { TopSpan = topSpan };
    }

    // item := expression [ [AS] name ]
    private SelectItem ParseSelectItem()
    {
        Expression value = expressions.Parse();
        bool isNamed = tokens.TakeKeyword("AS");
        if (!isNamed && tokens.Current.Kind is not (TokenKind.Identifier or TokenKind.String))
        {
            return new(value, null);
        }

        if (tokens.Current.Kind is not (TokenKind.Identifier or TokenKind.String))
        {
            throw tokens.Unexpected();
        }

        Token alias = tokens.Take();
        return new(value, alias.Text) { AliasSpan = alias.Span };
    }

    // sources := FROM source { JOIN source }
    private Nodes<Source> ParseFrom()
    {
        tokens.ExpectKeyword("FROM");
        var sources = new List<Source> { ParseSource() };
        while (tokens.TakeKeyword("JOIN"))
        {
            sources.Add(ParseSource());
        }

        return new(sources);
    }

    // source := identifier IN collection | collection [ [AS] identifier ]
    private Source ParseSource()
    {
        if (tokens.Current.Kind == TokenKind.Identifier && tokens.Next.IsKeyword("IN"))
        {
            Token iterator = tokens.Take();
            tokens.Take();
            return new(ParseCollection(), iterator.Text, IsIterator: true) { AliasSpan = iterator.Span };
        }

        Collection collection = ParseCollection();
        if (!tokens.TakeKeyword("AS") && tokens.Current.Kind != TokenKind.Identifier)
        {
            return new(collection, null, IsIterator: false);
        }

        Token alias = tokens.Expect(TokenKind.Identifier);
        return new(collection, alias.Text, IsIterator: false) { AliasSpan = alias.Span };
    }

    // collection := '(' query ')' | identifier { '.' identifier | '[' string ']' | '[' number ']' }
    private Collection ParseCollection()
    {
        if (tokens.TakeSymbol("("))
        {
            Query query = ParseQuery();
            tokens.ExpectSymbol(")");
            return new SubqueryCollection(query);
        }

        Token root = tokens.Expect(TokenKind.Identifier);
        return new PathCollection(expressions.ParseSteps(new Identifier(root.Text) { Span = root.Span }, isOfFrom: true));
    }

    // [ GROUP BY expression { ',' expression } ]
    private Nodes<Expression> ParseGroupBy()
    {
        if (!tokens.TakeKeyword("GROUP"))
        {
            return Nodes<Expression>.None;
        }

        tokens.ExpectKeyword("BY");
        return ParseList(expressions.Parse);
    }

    // [ ORDER BY expression [ASC | DESC] { ',' expression [ASC | DESC] } ]
    private Nodes<OrderItem> ParseOrderBy()
    {
        if (!tokens.TakeKeyword("ORDER"))
        {
            return Nodes<OrderItem>.None;
        }

        tokens.ExpectKeyword("BY");
        if (tokens.Current.Kind == TokenKind.Identifier && tokens.Next.Kind == TokenKind.Identifier
            && tokens.Current.Text.Equals("RANK", StringComparison.OrdinalIgnoreCase))
        {
            throw SqlErrors.NotSupported(tokens.Current.Span, "ORDER BY RANK");
        }

        return ParseList(ParseOrderItem);
    }

    private OrderItem ParseOrderItem()
    {
        Expression value = expressions.Parse();
        return tokens.TakeKeyword("DESC") ? new(value, true) : new(value, tokens.TakeKeyword("ASC") ? false : null);
    }

    // [ OFFSET count LIMIT count ]
    private OffsetLimit? ParseOffsetLimit()
    {
        int start = tokens.Start;
        if (!tokens.TakeKeyword("OFFSET"))
        {
            return null;
        }

        Count offset = ParseCount(null, null);
        tokens.ExpectKeyword("LIMIT");
        Count limit = ParseCount(null, null);
        return new(offset, limit) { Span = tokens.SpanFrom(start) };
    }

    // count := integer | parameter
    private Count ParseCount(string? fractionCode, string? fractionMessage)
    {
        if (tokens.Current.Kind == TokenKind.Parameter)
        {
            Token parameter = tokens.Take();
            return new CountParameter(parameter.Text) { Span = parameter.Span };
        }

        if (tokens.Current.Kind != TokenKind.Number || (!tokens.Current.Number.IsInteger && fractionCode is null))
        {
            throw tokens.Unexpected();
        }

        Token number = tokens.Take();
        return number.Number.IsInteger
            ? new CountLiteral(number.Number.Integer) { Span = number.Span }
            : throw number.Span.Error(fractionCode ?? "", fractionMessage ?? "");
    }

    // list := entry { ',' entry }
    private Nodes<T> ParseList<T>(Func<T> parse)
    {
        var items = new List<T> { parse() };
        while (tokens.TakeSymbol(","))
        {
            items.Add(parse());
        }

        return new(items);
    }
}
