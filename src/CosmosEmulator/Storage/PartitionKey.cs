using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>The value of a partition key, one component for each path; a hierarchical key may be given in part.</summary>
internal sealed class PartitionKey : IEquatable<PartitionKey>
{
    private readonly PartitionKeyComponent[] components;
    private readonly int hash;
    private string? effective;

    public PartitionKey(params PartitionKeyComponent[] components)
    {
        this.components = components;
        var code = default(HashCode);
        foreach (PartitionKeyComponent component in components)
        {
            code.Add(component);
        }

        hash = code.ToHashCode();
    }

    public IReadOnlyList<PartitionKeyComponent> Components => components;

    /// <summary>COSMOS-PROTOCOL §3.2: a JSON array of scalars, where <c>{}</c> is undefined; non-ASCII text is escaped.</summary>
    public static bool TryParse(string header, [NotNullWhen(true)] out PartitionKey? key)
    {
        // Nearly all keys are one plain string.
        if (header is ['[', '"', .., '"', ']'] && header.AsSpan(2, header.Length - 4).IndexOfAny('"', '\\') < 0)
        {
            key = new PartitionKey(new StringComponent(header[2..^2]));
            return true;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(header);
            key = document.RootElement.ValueKind == JsonValueKind.Array
                ? new PartitionKey([.. document.RootElement.EnumerateArray().Select(PartitionKeyComponent.From)])
                : null;
        }
        catch (JsonException)
        {
            key = null;
        }

        return key is not null;
    }

    /// <summary>The effective partition key. A container has one kind of key, so the answer never changes for a value.</summary>
    public string Effective(bool hierarchical) => effective ??= EffectivePartitionKey.Compute(components, hierarchical);

    public bool Equals(PartitionKey? other) => other is not null && hash == other.hash && components.AsSpan().SequenceEqual(other.components);

    public override bool Equals(object? obj) => Equals(obj as PartitionKey);

    public override int GetHashCode() => hash;
}
