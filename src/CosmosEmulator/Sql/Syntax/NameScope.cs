namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>The names a query can use: those of its FROM clause and of the queries around it.</summary>
internal sealed class NameScope(NameScope? outer)
{
    private readonly HashSet<string> names = [];

    /// <summary>What the query calls the container, when it is this query that reads it.</summary>
    public string? Container { get; set; }

    public bool Contains(string name) => names.Contains(name) || (outer?.Contains(name) ?? false);

    /// <summary>Whether the name is one of this query itself.</summary>
    public bool Declares(string name) => names.Contains(name);

    /// <summary>An explicit alias must be new in all queries around it; a name that a path implies only in its own.</summary>
    public bool TryAdd(string name, bool isExplicit) => (!isExplicit || !(outer?.Contains(name) ?? false)) && names.Add(name);

    /// <summary>A rewritten query may name the container also when FROM gives it no name, as in <c>FROM t IN c.tags</c>.</summary>
    public void ShowContainer()
    {
        if (Container is string name)
        {
            names.Add(name);
        }
    }
}
