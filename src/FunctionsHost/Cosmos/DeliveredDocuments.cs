using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Serverless.FunctionsHost.Cosmos;

/// <summary>
/// Documents as the real host delivers them: read and written again by its JSON library, which knows dates and doubles. So a date
/// can lose trailing zeros or gain the local offset, and a long decimal its last digits.
/// </summary>
internal static class DeliveredDocuments
{
    /// <summary>The documents of a page of the change feed as one JSON array, and how many they are.</summary>
    public static (string Json, int Count) Read(Stream page)
    {
        using var reader = new JsonTextReader(new StreamReader(page));
        JToken content = JToken.ReadFrom(reader);
        JArray documents = content as JArray ?? (JArray)content["Documents"]!;
        return (documents.ToString(Formatting.None), documents.Count);
    }
}
