namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>Which slot a name of a FROM clause has. An inner query sees the names of the outer ones.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, int> slots = [];

    public void Add(string name, int slot) => slots[name] = slot;

    public int? Find(string name) => slots.TryGetValue(name, out int slot) ? slot : outer?.Find(name);
}
