using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

internal enum TokenKind
{
    End,
    Identifier,
    Keyword,
    Parameter,
    Number,
    String,
    Symbol,
}

/// <summary>A piece of the text. Keywords are upper case in <paramref name="Text"/>; strings and parameters hold their content.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, SqlNumber Number, SourceSpan Span)
{
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public bool IsKeyword(string keyword) => Kind == TokenKind.Keyword && Text == keyword;
}
