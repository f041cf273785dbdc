using System.Diagnostics;
using System.Text.Json;

namespace Serverless.CosmosEmulator.Hashing;

/// <summary>One value of a partition key. Two components are the same key exactly when they are equal.</summary>
public abstract record PartitionKeyComponent
{
    private protected PartitionKeyComponent() { } // Closed: every case is in this file.

    public static PartitionKeyComponent Undefined { get; } = new UndefinedComponent();

    public static PartitionKeyComponent Null { get; } = new NullComponent();

    public static PartitionKeyComponent True { get; } = new BooleanComponent(true);

    public static PartitionKeyComponent False { get; } = new BooleanComponent(false);

    /// <summary>An object or an array is not a key value and counts as undefined, as a missing property does.</summary>
    public static PartitionKeyComponent From(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Number => new NumberComponent(value.GetDouble()),
        JsonValueKind.String => new StringComponent(value.GetString() ?? throw new UnreachableException()),
        _ => Undefined,
    };
}

public sealed record UndefinedComponent : PartitionKeyComponent;

public sealed record NullComponent : PartitionKeyComponent;

public sealed record BooleanComponent(bool Value) : PartitionKeyComponent;

/// <summary>Numbers are doubles on the wire: <c>5</c>, <c>5.0</c> and <c>5e0</c> are one key.</summary>
public sealed record NumberComponent(double Value) : PartitionKeyComponent;

public sealed record StringComponent(string Value) : PartitionKeyComponent;
