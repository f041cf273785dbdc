using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.CosmosEmulator.Charges;

/// <summary>
/// The included and excluded paths of an indexing policy as a tree. The more precise path decides: a longer one before a shorter one,
/// <c>?</c> (this value) before <c>*</c> (it and all below). What no path speaks of is not indexed.
/// </summary>
internal sealed class IndexedPaths
{
    private const string Elements = "[]";

    private readonly Node root = new();

    private IndexedPaths() { }

    public static IndexedPaths Nothing { get; } = new();

    /// <summary>Whether no value is indexed but the id and the timestamp, which always are.</summary>
    public bool IsNothing { get; private set; } = true;

    /// <summary>The paths of a checked indexing policy.</summary>
    public static IndexedPaths From(JsonObject policy)
    {
        if (policy["indexingMode"]?.GetValue<string>() == "none")
        {
            return Nothing;
        }

        var paths = new IndexedPaths();
        paths.Add(policy["excludedPaths"], included: false);
        paths.Add(policy["includedPaths"], included: true);
        return paths;
    }

    /// <summary>Whether the value at a path such as <c>/a/b</c> or <c>/a/[]</c> is indexed.</summary>
    public bool Includes(string path)
    {
        if (path is "/id" or "/_ts")
        {
            return true;
        }

        Place place = Root;
        foreach (string segment in path.Split('/').Skip(1))
        {
            place = segment == Elements ? place.Element() : place.Property(Encoding.UTF8.GetBytes(segment));
        }

        return place.HasValue;
    }

    public Place Root => new Place(null, false).At(root);

    private void Add(JsonNode? entries, bool included)
    {
        foreach (JsonObject entry in (entries as JsonArray ?? []).OfType<JsonObject>())
        {
            if (entry["path"]?.GetValue<string>() is not { } path)
            {
                continue;
            }

            List<string> segments = Segments(path);
            Node node = root;
            foreach (string segment in segments[..^1])
            {
                node = segment == Elements ? node.Elements ??= new Node() : node.FindOrAdd(Encoding.UTF8.GetBytes(segment));
            }

            if (segments[^1] == "*")
            {
                node.Below = included;
            }
            else
            {
                node.Value = included;
            }

            IsNothing &= !included;
        }
    }

    // /a/"b/c"/[]/?
    private static List<string> Segments(string path)
    {
        List<string> segments = [];
        for (int position = 1; position <= path.Length;)
        {
            bool quoted = position < path.Length && path[position] is '"' or '\'';
            int end = path.IndexOf(quoted ? path[position] : '/', position + (quoted ? 1 : 0));
            end = end < 0 ? path.Length : end;
            segments.Add(quoted ? path[(position + 1)..end] : path[position..end]);
            position = end + (quoted ? 2 : 1);
        }

        return segments;
    }

    /// <summary>Where a reader of an item is in the tree: beside it, everything is as it was at the last path that spoke of it.</summary>
    public readonly struct Place
    {
        private readonly Node? node;
        private readonly bool below;

        internal Place(Node? node, bool below) => (this.node, this.below) = (node, below);

        /// <summary>Whether a scalar here is indexed.</summary>
        public bool HasValue => node?.Value ?? below;

        /// <summary>Whether nothing here or below can be indexed.</summary>
        public bool IsDeadEnd => node is null && !below;

        public Place Element() => node?.Elements is { } next ? At(next) : new Place(null, below);

        public Place Property(ref Utf8JsonReader name)
        {
            if (node is not null)
            {
                foreach ((byte[] known, Node next) in node.Properties)
                {
                    if (name.ValueTextEquals(known))
                    {
                        return At(next);
                    }
                }
            }

            return new Place(null, below);
        }

        public Place Property(byte[] name) => node?.Find(name) is { } next ? At(next) : new Place(null, below);

        internal Place At(Node next) => new(next, next.Below ?? below);
    }

    internal sealed class Node
    {
        public List<(byte[] Name, Node Node)> Properties { get; } = [];

        public Node? Elements { get; set; }

        public bool? Value { get; set; }

        public bool? Below { get; set; }

        public Node? Find(byte[] name) => Properties.Find(entry => entry.Name.AsSpan().SequenceEqual(name)).Node;

        public Node FindOrAdd(byte[] name)
        {
            if (Find(name) is { } known)
            {
                return known;
            }

            var added = new Node();
            Properties.Add((name, added));
            return added;
        }
    }
}
