using System.Diagnostics;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>Questions about trees that several readers of them ask.</summary>
internal static class TreeExtensions
{
    extension(Expression expression)
    {
        /// <summary>The expressions directly inside. A subquery has none: its expressions belong to another scope.</summary>
        public IEnumerable<Expression> Children() => expression switch
        {
            Member member => [member.Target],
            Element element => [element.Target],
            Unary unary => [unary.Operand],
            Binary { Operator: BinaryOperator.And or BinaryOperator.Or } chain => chain.Operands(),
            Binary binary => [binary.Left, binary.Right],
            Conditional choice => [choice.Condition, choice.WhenTrue, choice.Otherwise],
            Between between => [between.Value, between.Low, between.High],
            In test => [test.Value, .. test.Candidates],
            Like like => [like.Value, like.Pattern],
            ArrayLiteral array => array.Items,
            ObjectLiteral literal => literal.Properties.Select(property => property.Value),
            Call call => call.Arguments,
            _ => [],
        };

        /// <summary>The name a path starts with.</summary>
        public string RootName() => expression switch
        {
            Identifier identifier => identifier.Name,
            Member member => member.Target.RootName(),
            Element element => element.Target.RootName(),
            _ => throw new UnreachableException($"{expression.GetType().Name} is no path."),
        };

        /// <summary>A path of properties behind its first name, as indexes write it: <c>/a/b</c>.</summary>
        public string? PathText() => expression switch
        {
            Identifier => "",
            Member member when !member.Name.Contains('/', StringComparison.Ordinal) && member.Target.PathText() is string parent =>
                $"{parent}/{member.Name}",
            _ => null,
        };

        /// <summary>The property name that an expression without alias gives its column, if it gives one.</summary>
        public string? PropertyName() => expression switch
        {
            Identifier identifier => identifier.Name,
            Member { Parameter: null } member => member.Name,
            _ => null,
        };
    }

    extension(Source source)
    {
        /// <summary>The name the rest of the query knows it by.</summary>
        public string? Name() => source.Alias ?? (source.Collection as PathCollection)?.Path.PropertyName();
    }

    extension(Selection selection)
    {
        public IEnumerable<Expression> Expressions() => selection switch
        {
            SelectValue value => [value.Value],
            SelectList list => list.Items.Select(item => item.Value),
            _ => [],
        };
    }

    extension(SelectList list)
    {
        /// <summary>The columns' names: the alias, else the property's own name, else a number after a dollar sign.</summary>
        public IReadOnlyList<string> Names()
        {
            int unnamed = 0;
            return [.. list.Items.Select(item => item.Alias ?? item.Value.PropertyName() ?? $"${++unnamed}")];
        }

        /// <summary>The object that each result is.</summary>
        public ObjectLiteral ToObject() => list.ToObject(item => item.Value);

        public ObjectLiteral ToObject(Func<SelectItem, Expression> value) =>
            new(new([.. list.Names().Zip(list.Items, (name, item) => new PropertyNode(name, value(item)))]));
    }

    extension(Query query)
    {
        /// <summary>Whether a planner made it for ORDER BY: <c>SELECT c._rid, [...] AS orderByItems, ... AS payload</c>.</summary>
        public bool IsRewrittenForOrder() =>
            query.Select.Selection is SelectList { Items: [{ Value: Member { Name: "_rid" }, Alias: null }, { Alias: "orderByItems" }, ..] };
    }
}
