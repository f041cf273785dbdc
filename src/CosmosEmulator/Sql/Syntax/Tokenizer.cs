using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>Cuts a query into tokens. Codes and places of its errors are those of the service's own parser.</summary>
internal sealed class Tokenizer(string text)
{
    /// <summary>Reserved in any case; the service reserves some that its grammar doesn't use.</summary>
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "AND", "ARRAY", "AS", "ASC", "BETWEEN", "BY", "CASE", "CROSS", "DESC", "DISTINCT", "ELSE", "END", "ESCAPE", "EXISTS", "FOR",
        "FROM", "GROUP", "HAVING", "IN", "INNER", "INSERT", "INTO", "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "NOT", "OFFSET", "ON",
        "OR", "ORDER", "OUTER", "OVER", "RIGHT", "SELECT", "SET", "THEN", "TOP", "UPDATE", "VALUE", "WHEN", "WHERE", "WITH",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reserved only as written here; <c>TRUE</c> is an identifier.</summary>
    private static readonly FrozenSet<string> CaseSensitiveKeywords =
        new[] { "true", "false", "null", "undefined", "udf", "Infinity", "NaN" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Symbols =
    [
        ">>>", "<<", ">>", "<=", ">=", "<>", "!=", "||", "??",
        "*", "/", "%", "+", "-", "&", "|", "^", "~", "=", "<", ">", "?", ":", ",", ".", "(", ")", "[", "]", "{", "}",
    ];

    private int position;

    public List<Token> ReadAll()
    {
        var tokens = new List<Token>();
        while (true)
        {
            SkipBlanks();
            Token token = ReadOne();
            tokens.Add(token);
            if (token.Kind == TokenKind.End)
            {
                return tokens;
            }
        }
    }

    private static bool IsIdentifierStart(char character) => character == '_' || char.IsLetter(character);

    private static bool IsIdentifierPart(char character) => character == '_' || char.IsLetterOrDigit(character);

    private char At(int index) => index < text.Length ? text[index] : '\0';

    // blanks and comments to the end of a line: "-- ..."
    private void SkipBlanks()
    {
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
            }
            else if (text[position] == '-' && At(position + 1) == '-')
            {
                int end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end + 1;
            }
            else
            {
                return;
            }
        }
    }

    private Token ReadOne()
    {
        if (position >= text.Length)
        {
            // The service points behind the last visible character, also when blanks follow.
            int end = text.TrimEnd().Length;
            return new(TokenKind.End, "", default, new(end, end));
        }

        char first = text[position];
        return first switch
        {
            '"' or '\'' => ReadString(first),
            '@' when IsIdentifierStart(At(position + 1)) => ReadParameter(),
            '.' when char.IsAsciiDigit(At(position + 1)) => ReadNumber(),
            _ when char.IsAsciiDigit(first) => ReadNumber(),
            _ when IsIdentifierStart(first) => ReadWord(),
            _ => ReadSymbol(),
        };
    }

    private SourceSpan From(int start) => new(start, position);

    // identifier := letter or '_' , then letters, digits and '_'
    private Token ReadWord()
    {
        int start = position;
        string word = ReadIdentifier();
        return Keywords.Contains(word) ? new(TokenKind.Keyword, word.ToUpperInvariant(), default, From(start))
            : CaseSensitiveKeywords.Contains(word) ? new(TokenKind.Keyword, word, default, From(start))
            : new(TokenKind.Identifier, word, default, From(start));
    }

    // parameter := '@' identifier
    private Token ReadParameter()
    {
        int start = position++;
        string name = ReadIdentifier();
        return new(TokenKind.Parameter, name, default, From(start));
    }

    private string ReadIdentifier()
    {
        int start = position;
        while (IsIdentifierPart(At(position)))
        {
            position++;
        }

        return text[start..position];
    }

    private Token ReadSymbol()
    {
        foreach (string symbol in Symbols)
        {
            if (string.CompareOrdinal(text, position, symbol, 0, symbol.Length) == 0)
            {
                position += symbol.Length;
                return new(TokenKind.Symbol, symbol, default, From(position - symbol.Length));
            }
        }

        throw SqlException.At(position, position + 1, "SC1010", $"Syntax error, invalid token '{text[position]}'.");
    }

    // number := '0x' hex digits | digits ['.' [digits]] [exponent] | '.' digits [exponent]
    private Token ReadNumber()
    {
        int start = position;
        bool isHex = At(position) == '0' && At(position + 1) is 'x' or 'X';
        if (isHex)
        {
            position += 2;
            SkipWhile(char.IsAsciiHexDigit);
        }
        else
        {
            SkipWhile(char.IsAsciiDigit);
            if (At(position) == '.')
            {
                position++;
                SkipWhile(char.IsAsciiDigit);
            }

            if (At(position) is 'e' or 'E')
            {
                position += At(position + 1) is '+' or '-' ? 2 : 1;
                SkipWhile(char.IsAsciiDigit);
            }
        }

        SkipWhile(IsIdentifierPart); // What hangs on to a number makes all of it invalid.
        string token = text[start..position];
        return TryParseNumber(token, isHex, out SqlNumber number)
            ? new(TokenKind.Number, token, number, From(start))
            : throw From(start).Error("SC1011", $"Syntax error, invalid numeric value token '{token}'.");
    }

    private static bool TryParseNumber(string token, bool isHex, out SqlNumber number)
    {
        if (isHex)
        {
            bool isValid = long.TryParse(token.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex);
            number = new(hex);
            return isValid;
        }

        if (long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out long integer))
        {
            number = new(integer);
            return true;
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool isDouble = double.TryParse(token, Style, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);
        number = new(value);
        return isDouble;
    }

    private void SkipWhile(Func<char, bool> condition)
    {
        while (position < text.Length && condition(text[position]))
        {
            position++;
        }
    }

    // string := quote { character | '\' escape } quote; a line break is a character like any other
    private Token ReadString(char quote)
    {
        int start = position++;
        var content = new StringBuilder();
        while (At(position) is var character && character != quote)
        {
            if (position >= text.Length)
            {
                throw InvalidString(start);
            }

            position++;
            if (character != '\\')
            {
                content.Append(character);
            }
            else if (!ReadEscape(content))
            {
                SkipWhile(other => other != quote);
                position = Math.Min(position + 1, text.Length);
                throw InvalidString(start);
            }
        }

        position++;
        return new(TokenKind.String, content.ToString(), default, From(start));
    }

    private SqlException InvalidString(int start) =>
        From(start).Error("SC1012", $"Syntax error, invalid string literal token '{text[start..position]}'.");

    // escape := 'b' | 'f' | 'n' | 'r' | 't' | 'u' and four hex digits | any other character, which stands for itself
    private bool ReadEscape(StringBuilder content)
    {
        char escape = At(position++);
        if (escape != 'u')
        {
            content.Append(escape switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => escape });
            return position <= text.Length;
        }

        if (position + 4 > text.Length
            || !ushort.TryParse(text.AsSpan(position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            return false;
        }

        content.Append((char)code);
        position += 4;
        return true;
    }
}
