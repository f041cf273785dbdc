using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Functions.ApiDescription;

internal static class ApiNames
{
    /// <summary><c>two-words</c> as programs call it: <c>TwoWords</c>.</summary>
    public static string Pascal(string kebab)
    {
        StringBuilder name = new();
        foreach (string word in kebab.Split('-', StringSplitOptions.RemoveEmptyEntries))
        {
            name.Append(char.ToUpperInvariant(word[0])).Append(word.AsSpan(1));
        }
        return name.ToString();
    }

    public static byte[] Utf8(JsonNode json)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteTo(writer);
        }
        return stream.ToArray();
    }
}
