using System.Collections;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>
/// Where a node stands in the text. All spans are equal: two trees mean the same when they differ only in place, and GROUP BY finds its
/// expressions in the select list by that equality.
/// </summary>
internal readonly struct SourceSpan(int start, int end) : IEquatable<SourceSpan>
{
    public int Start { get; } = start;

    public int End { get; } = end;

    public static bool operator ==(SourceSpan left, SourceSpan right) => left.Equals(right);

    public static bool operator !=(SourceSpan left, SourceSpan right) => !left.Equals(right);

    public bool Equals(SourceSpan other) => true;

    public override bool Equals(object? obj) => obj is SourceSpan;

    public override int GetHashCode() => 0;

    public SqlException Error(string code, string message) => SqlException.At(Start, End, code, message);
}

/// <summary>A list inside the tree: unlike the lists of the framework it is equal to another with equal elements.</summary>
internal sealed class Nodes<T>(IReadOnlyList<T> items) : IReadOnlyList<T>, IEquatable<Nodes<T>>
{
    public static Nodes<T> None { get; } = new([]);

    public int Count => items.Count;

    public T this[int index] => items[index];

    public bool Equals(Nodes<T>? other) => other is not null && this.SequenceEqual(other);

    public override bool Equals(object? obj) => Equals(obj as Nodes<T>);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (T item in items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
