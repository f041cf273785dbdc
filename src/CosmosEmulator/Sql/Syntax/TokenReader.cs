namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>The tokens of one text with a place in them, and the syntax errors that point there.</summary>
internal sealed class TokenReader(string text)
{
    private readonly List<Token> tokens = new Tokenizer(text).ReadAll();
    private int position;

    public Token Current => tokens[position];

    public Token Next => tokens[Math.Min(position + 1, tokens.Count - 1)];

    public int Start => Current.Span.Start;

    public bool AtKeyword(string keyword) => Current.IsKeyword(keyword);

    public bool AtSymbol(string symbol) => Current.IsSymbol(symbol);

    public Token Take()
    {
        Token token = Current;
        position = Math.Min(position + 1, tokens.Count - 1);
        return token;
    }

    public bool TakeKeyword(string keyword) => AtKeyword(keyword) && Advance();

    public bool TakeSymbol(string symbol) => AtSymbol(symbol) && Advance();

    public void ExpectKeyword(string keyword)
    {
        if (!TakeKeyword(keyword))
        {
            throw Unexpected();
        }
    }

    public void ExpectSymbol(string symbol)
    {
        if (!TakeSymbol(symbol))
        {
            throw Unexpected();
        }
    }

    public Token Expect(TokenKind kind) => Current.Kind == kind ? Take() : throw Unexpected();

    /// <summary>A token as it was written.</summary>
    public string Written(Token token) => text[token.Span.Start..token.Span.End];

    /// <summary>From a start to the end of the token taken last.</summary>
    public SourceSpan SpanFrom(int start) => new(start, tokens[Math.Max(position - 1, 0)].Span.End);

    public SqlException Unexpected() => Current.Kind == TokenKind.End
        ? Current.Span.Error("SC1002", "Syntax error, unexpected end-of-file.")
        : Current.Span.Error("SC1001", $"Syntax error, incorrect syntax near '{Written(Current)}'.");

    private bool Advance()
    {
        Take();
        return true;
    }
}
