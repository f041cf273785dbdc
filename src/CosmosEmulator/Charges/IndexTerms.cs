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

    public static int Count(StoredItem item, IndexedPaths paths)
    {
        var terms = new Terms(areCompared: false);
        Read(item, paths, ref terms);
        return terms.Unhashed + terms.Distinct().Count;
    }

    /// <summary>The terms that a new version of an item takes out of the index, and those that it puts in.</summary>
    public static (int Removed, int Added) Difference(StoredItem before, StoredItem after, IndexedPaths paths)
    {
        var old = new Terms(areCompared: true);
        var next = new Terms(areCompared: true);
        Read(before, paths, ref old);
        Read(after, paths, ref next);
        List<ulong> left = old.Distinct();
        List<ulong> right = next.Distinct();
        int kept = 0;
        for (int i = 0, j = 0; i < left.Count && j < right.Count;)
        {
            int order = left[i].CompareTo(right[j]);
            kept += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return (left.Count - kept, right.Count - kept);
    }

    private static void Read(StoredItem item, IndexedPaths paths, ref Terms terms)
    {
        if (paths.IsNothing)
        {
            return;
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

            ReadProperty(ref reader, root, terms.Path(), ref terms);
        }
    }

    private static void ReadProperty(ref Utf8JsonReader reader, IndexedPaths.Place parent, ulong? parentPath, ref Terms terms)
    {
        IndexedPaths.Place place = parent.Property(ref reader);
        ulong? path = parentPath is { } known ? Hash(reader.ValueSpan, known, 1) : null;
        reader.Read();
        ReadValue(ref reader, place, path, ref terms);
    }

    // Without a path the values need no hash: no two of them can be one term.
    private static void ReadValue(ref Utf8JsonReader reader, IndexedPaths.Place place, ulong? path, ref Terms terms)
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
                    ReadProperty(ref reader, place, path, ref terms);
                }

                break;
            case JsonTokenType.StartArray:
                IndexedPaths.Place element = place.Element();
                ulong elements = path is { } array ? Hash("[]"u8, array, 2) : (ulong)reader.TokenStartIndex;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadValue(ref reader, element, elements, ref terms);
                }

                break;
            default:
                if (place.HasValue)
                {
                    terms.Add(path is { } known ? Hash(reader.ValueSpan, known, (ulong)reader.TokenType) : null);
                }

                break;
        }
    }

    private static ulong Hash(ReadOnlySpan<byte> text, ulong path, ulong kind) => MurmurHash3.Hash128(text, path, kind).Low;

    private static bool IsSystemProperty(ref Utf8JsonReader name) =>
        name.ValueTextEquals("id"u8)
        || (name.ValueSpan is [(byte)'_', ..]
            && (name.ValueTextEquals("_ts"u8) || name.ValueTextEquals("_rid"u8) || name.ValueTextEquals("_self"u8)
                || name.ValueTextEquals("_etag"u8) || name.ValueTextEquals("_attachments"u8)));

    /// <summary>The terms of one item: hashes where equal ones must be found, else only their number.</summary>
    private struct Terms(bool areCompared)
    {
        private List<ulong>? hashes;

        public int Unhashed { get; private set; }

        /// <summary>Where the hash of every path begins.</summary>
        public readonly ulong? Path() => areCompared ? 0UL : null;

        public void Add(ulong? hash)
        {
            if (hash is { } term)
            {
                (hashes ??= []).Add(term);
            }
            else
            {
                Unhashed++;
            }
        }

        /// <summary>Each hash once, rising.</summary>
        public readonly List<ulong> Distinct()
        {
            if (hashes is null)
            {
                return [];
            }

            hashes.Sort();
            int distinct = 0;
            for (int i = 0; i < hashes.Count; i++)
            {
                if (i == 0 || hashes[i] != hashes[i - 1])
                {
                    hashes[distinct++] = hashes[i];
                }
            }

            hashes.RemoveRange(distinct, hashes.Count - distinct);
            return hashes;
        }
    }
}
