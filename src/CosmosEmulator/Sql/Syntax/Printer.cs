using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>
/// A tree as text, in the form of the service's planner: every operator in parentheses, literals as JSON. Parsing the text gives an
/// equal tree.
/// </summary>
internal sealed class Printer
{
    private readonly StringBuilder text = new();

    private Printer() { }

    public static string Print(Query query)
    {
        var printer = new Printer();
        printer.Append(query);
        return printer.text.ToString();
    }

    public static string Print(Expression expression)
    {
        var printer = new Printer();
        printer.Append(expression);
        return printer.text.ToString();
    }

    private static string Symbol(BinaryOperator value) => value switch
    {
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Modulo => "%",
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.BitwiseAnd => "&",
        BinaryOperator.BitwiseOr => "|",
        BinaryOperator.BitwiseXor => "^",
        BinaryOperator.Concat => "||",
        BinaryOperator.LeftShift => "<<",
        BinaryOperator.RightShift => ">>",
        BinaryOperator.ZeroFillRightShift => ">>>",
        BinaryOperator.Equal => "=",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.And => "AND",
        BinaryOperator.Or => "OR",
        BinaryOperator.Coalesce => "??",
        _ => throw new UnreachableException($"No symbol for {value}."),
    };

    private static string Symbol(UnaryOperator value) => value switch
    {
        UnaryOperator.Plus => "+",
        UnaryOperator.Minus => "-",
        UnaryOperator.BitwiseNot => "~",
        UnaryOperator.Not => "NOT",
        _ => throw new UnreachableException($"No symbol for {value}."),
    };

    private static string Quote(string value) => JsonText.Write(SqlValue.Of(value));

    private void Append(Query query)
    {
        text.Append("SELECT ").Append(query.Select.IsDistinct ? "DISTINCT " : "");
        if (query.Select.Top is Count top)
        {
            text.Append("TOP ").Append(Print(top)).Append(' ');
        }

        Append(query.Select.Selection);
        AppendList(query.From, "\nFROM ", "\nJOIN ", Append);
        if (query.Where is Expression where)
        {
            text.Append("\nWHERE ");
            Append(where);
        }

        AppendList(query.GroupBy, "\nGROUP BY ", ", ", Append);
        AppendList(query.OrderBy, "\nORDER BY ", ", ", Append);
        if (query.OffsetLimit is OffsetLimit page)
        {
            text.Append("\nOFFSET ").Append(Print(page.Offset)).Append(" LIMIT ").Append(Print(page.Limit));
        }
    }

    private static string Print(Count count) => count switch
    {
        CountLiteral literal => new SqlNumber(literal.Value).ToString(),
        CountParameter parameter => "@" + parameter.Name,
        _ => throw new UnreachableException(),
    };

    private void Append(Selection selection)
    {
        switch (selection)
        {
            case SelectStar:
                text.Append('*');
                break;
            case SelectValue value:
                text.Append("VALUE ");
                Append(value.Value);
                break;
            case SelectList list:
                AppendList(list.Items, "", ", ", Append);
                break;
            default:
                throw new UnreachableException($"No text for {selection.GetType().Name}.");
        }
    }

    private void Append(SelectItem item)
    {
        Append(item.Value);
        if (item.Alias is string alias)
        {
            text.Append(" AS ").Append(IsIdentifier(alias) ? alias : Quote(alias));
        }
    }

    private static bool IsIdentifier(string name) =>
        name.Length > 0 && name.All(character => char.IsLetterOrDigit(character) || character == '_')
        && !char.IsDigit(name[0]) && new Tokenizer(name).ReadAll()[0].Kind == TokenKind.Identifier;

    private void Append(Source source)
    {
        if (source.IsIterator)
        {
            text.Append(source.Alias).Append(" IN ");
        }

        switch (source.Collection)
        {
            case PathCollection path:
                Append(path.Path);
                break;
            case SubqueryCollection subquery:
                AppendInParentheses(subquery.Query);
                break;
            default:
                throw new UnreachableException($"No text for {source.Collection.GetType().Name}.");
        }

        if (!source.IsIterator && source.Alias is string alias)
        {
            text.Append(" AS ").Append(alias);
        }
    }

    private void Append(OrderItem item)
    {
        Append(item.Value);
        text.Append(item.IsDescending switch { true => " DESC", false => " ASC", null => "" });
    }

    private void Append(Expression expression)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (expression)
        {
            case Constant constant:
                text.Append(constant.Value is { IsNumber: true } ? constant.Value.Number.ToString() : JsonText.Write(constant.Value));
                break;
            case Parameter parameter:
                text.Append('@').Append(parameter.Name);
                break;
            case Identifier identifier:
                text.Append(identifier.Name);
                break;
            case Member member:
                AppendTarget(member.Target);
                text.Append(member.IsDotted ? $".{member.Name}" : $"[{(member.Parameter is { } name ? $"@{name}" : Quote(member.Name))}]");
                break;
            case Element element:
                AppendTarget(element.Target);
                text.Append('[').Append(element.Parameter is { } index ? $"@{index}" : element.Index.ToString()).Append(']');
                break;
            case ArrayLiteral array:
                text.Append('[');
                AppendList(array.Items, "", ", ", Append);
                text.Append(']');
                break;
            case ObjectLiteral literal:
                text.Append('{');
                AppendList(literal.Properties, "", ", ", Append);
                text.Append('}');
                break;
            case Call call:
                text.Append(call.Name).Append('(');
                AppendList(call.Arguments, "", ", ", Append);
                text.Append(')');
                break;
            case Subquery subquery:
                text.Append(subquery.Kind == SubqueryKind.Scalar ? "" : subquery.Kind.ToString().ToUpperInvariant());
                AppendInParentheses(subquery.Query);
                break;
            case FilterPlaceholder:
                text.Append("({documentdb-formattableorderbyquery-filter})");
                break;
            default:
                text.Append('(');
                AppendOperator(expression);
                text.Append(')');
                break;
        }
    }

    // The dot after a number would be taken for its decimal point.
    private void AppendTarget(Expression target)
    {
        bool isNumber = target is Constant { Value.IsNumber: true };
        text.Append(isNumber ? "(" : "");
        Append(target);
        text.Append(isNumber ? ")" : "");
    }

    private void AppendOperator(Expression expression)
    {
        switch (expression)
        {
            case Unary unary:
                AppendAll(Symbol(unary.Operator), " ", unary.Operand);
                break;
            case Binary binary:
                AppendAll(binary.Left, " ", Symbol(binary.Operator), " ", binary.Right);
                break;
            case Conditional conditional:
                AppendAll(conditional.Condition, " ? ", conditional.WhenTrue, " : ", conditional.Otherwise);
                break;
            case Between between:
                AppendAll(between.Value, between.IsNegated ? " NOT BETWEEN " : " BETWEEN ", between.Low, " AND ", between.High);
                break;
            case In test:
                AppendAll(test.Value, test.IsNegated ? " NOT IN (" : " IN (");
                AppendList(test.Candidates, "", ", ", Append);
                text.Append(')');
                break;
            case Like like:
                AppendAll(like.Value, like.IsNegated ? " NOT LIKE " : " LIKE ", like.Pattern);
                text.Append(like.Escape is char escape ? $" ESCAPE {Quote(escape.ToString())}" : "");
                break;
            default:
                throw new UnreachableException($"No text for {expression.GetType().Name}.");
        }
    }

    private void Append(PropertyNode property)
    {
        text.Append(Quote(property.Name)).Append(": ");
        Append(property.Value);
    }

    private void AppendInParentheses(Query query)
    {
        text.Append('(');
        Append(query);
        text.Append(')');
    }

    private void AppendAll(params ReadOnlySpan<object> parts)
    {
        foreach (object part in parts)
        {
            if (part is Expression expression)
            {
                Append(expression);
            }
            else
            {
                text.Append(part);
            }
        }
    }

    private void AppendList<T>(Nodes<T> items, string before, string between, Action<T> append)
    {
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? before : between);
            append(items[i]);
        }
    }
}
