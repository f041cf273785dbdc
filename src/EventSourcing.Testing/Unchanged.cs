using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Shows that a pure function leaves its input as it was. One that adds to a list in place would share what it did with every other reader
/// of that list.
/// </summary>
internal static class Unchanged
{
    public static T By<T>(string fault, object input, JsonTypeInfo json, Func<T> function)
    {
        string before = JsonSerializer.Serialize(input, json);
        T result = function();
        string after = JsonSerializer.Serialize(input, json);
        return before == after ? result : throw SpecificationException.Difference($"{fault}, which others may hold. Return a new value instead", [before], [after]);
    }
}
