using System.Text;
using System.Text.Json;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>
/// Stored shapes, kept as files. A test that fails here says that what is stored has changed: items of the old shape are in
/// databases, so the old file stays and stays readable.
/// </summary>
internal static class Golden
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));

    /// <summary>Compares byte by byte, apart from the indentation that the file has for its readers.</summary>
    public static void AssertSame(string name, MemoryStream written) => AssertSame(name, written.ToArray());

    public static void AssertSame(string name, ReadOnlyMemory<byte> written)
    {
        using JsonDocument golden = JsonDocument.Parse(Bytes(name));
        using MemoryStream compact = new();
        using (Utf8JsonWriter writer = new(compact))
        {
            golden.WriteTo(writer);
        }
        Assert.Equal(Encoding.UTF8.GetString(compact.ToArray()), Encoding.UTF8.GetString(written.Span));
    }

    public static JsonElement Element(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Bytes(name));
        return document.RootElement.Clone();
    }
}
