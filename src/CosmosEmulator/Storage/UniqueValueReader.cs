using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>Collects the values of unique keys while an item is read. A missing value is a value too, so only one item may miss it.</summary>
internal sealed class UniqueValueReader(IReadOnlyList<UniqueKey> keys)
{
    private readonly PathValue[][] values =
        [.. keys.Select(key => Enumerable.Repeat(PathValue.Missing, key.Paths.Count).ToArray())];

    public void Visit(ref Utf8JsonReader name, Utf8JsonReader value)
    {
        for (int key = 0; key < keys.Count; key++)
        {
            for (int path = 0; path < keys[key].Paths.Count; path++)
            {
                if (name.ValueTextEquals(keys[key].Paths[path].Root))
                {
                    values[key][path] = keys[key].Paths[path].Read(value);
                }
            }
        }
    }

    public string[] Values() => [.. values.Select(parts => parts.Length == 1 ? Text(parts[0]) : Join(parts))];

    /// <summary>A text that two values share exactly when they are equal; the first character names the type.</summary>
    public static string Text(PathValue value) => value.Component switch
    {
        _ when value.Structure is not null => "j" + value.Structure,
        UndefinedComponent => "u",
        NullComponent => "0",
        BooleanComponent boolean => boolean.Value ? "t" : "f",
        NumberComponent number => "n" + number.Value.ToString("R", CultureInfo.InvariantCulture),
        StringComponent text => "s" + text.Value,
        _ => throw new UnreachableException(),
    };

    private static string Join(PathValue[] parts)
    {
        var joined = new StringBuilder();
        foreach (string part in parts.Select(Text))
        {
            joined.Append(part.Length).Append(':').Append(part);
        }

        return joined.ToString();
    }
}
