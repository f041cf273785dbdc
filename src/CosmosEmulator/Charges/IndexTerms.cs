using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Charges;

/// <summary>
/// What an index holds of an item: a term for each scalar at an indexed path, equal elements of one array only once. The id and the
/// timestamp, which are always indexed, are not among them, nor are the other system properties.
/// </summary>
internal static class IndexTerms
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = Limits.JsonDepth };

    public static int Count(StoredItem item, IndexedPaths paths) => Of(item, paths).Count;

    /// <summary>The terms that a new version of an item takes out of the index, and those that it puts in.</summary>
    public static (int Removed, int Added) Difference(StoredItem before, StoredItem after, IndexedPaths paths)
    {
        List<ulong> old = Of(before, paths);
        List<ulong> next = Of(after, paths);
        int kept = 0;
        for (int i = 0, j = 0; i < old.Count && j < next.Count;)
        {
            int order = old[i].CompareTo(next[j]);
            kept += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return (old.Count - kept, next.Count - kept);
    }

    /// <summary>The hashes of the terms, rising, each once.</summary>
    private static List<ulong> Of(StoredItem item, IndexedPaths paths)
    {
        List<ulong> terms = [];
        if (paths.IsNothing)
        {
            return terms;
        }

        var reader = new Utf8JsonReader(item.Json, ReaderOptions);
        reader.Read();
        IndexedPaths.Place root = paths.Root;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsSystemProperty(ref reader))
            {
                reader.Skip();
                continue;
            }

            ReadProperty(ref reader, root, 0, terms);
        }

        terms.Sort();
        int distinct = 0;
        for (int i = 0; i < terms.Count; i++)
        {
            if (i == 0 || terms[i] != terms[i - 1])
            {
                terms[distinct++] = terms[i];
            }
        }

        terms.RemoveRange(distinct, terms.Count - distinct);
        return terms;
    }

    private static void ReadProperty(ref Utf8JsonReader reader, IndexedPaths.Place parent, ulong parentPath, List<ulong> terms)
    {
        IndexedPaths.Place place = parent.Property(ref reader);
        ulong path = MurmurHash3.Hash128(reader.ValueSpan, parentPath, 1).Low;
        reader.Read();
        ReadValue(ref reader, place, path, terms);
    }

    private static void ReadValue(ref Utf8JsonReader reader, IndexedPaths.Place place, ulong path, List<ulong> terms)
    {
        if (place.IsDeadEnd)
        {
            reader.Skip();
            return;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    ReadProperty(ref reader, place, path, terms);
                }

                break;
            case JsonTokenType.StartArray:
                IndexedPaths.Place element = place.Element();
                ulong elements = MurmurHash3.Hash128("[]"u8, path, 2).Low;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadValue(ref reader, element, elements, terms);
                }

                break;
            default:
                if (place.HasValue)
                {
                    terms.Add(MurmurHash3.Hash128(reader.ValueSpan, path, (ulong)reader.TokenType).Low);
                }

                break;
        }
    }

    private static bool IsSystemProperty(ref Utf8JsonReader name) =>
        name.ValueTextEquals("id"u8)
        || (name.ValueSpan is [(byte)'_', ..]
            && (name.ValueTextEquals("_ts"u8) || name.ValueTextEquals("_rid"u8) || name.ValueTextEquals("_self"u8)
                || name.ValueTextEquals("_etag"u8) || name.ValueTextEquals("_attachments"u8)));
}
