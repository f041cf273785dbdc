namespace Serverless.CosmosEmulator.Http;

/// <summary>What a path points at.</summary>
internal enum PathKind
{
    Unknown,
    Account,
    Addresses,
    Databases,
    Database,
    Containers,
    Container,
    PartitionKeyRanges,
    PartitionDeletion,
    Conflicts,
    Items,
    Item,

    /// <summary>An item whose id has a slash in it.</summary>
    UnreachableItem,
    EncryptionKeys,
    EncryptionKey,
    Offers,
    Offer,

    /// <summary>Users, permissions, stored procedures, triggers or functions; <see cref="ResourcePath.Type"/> says which.</summary>
    KeptResources,
    KeptResource,

    /// <summary>A resource of the service that the emulator does not have; <see cref="ResourcePath.Type"/> names it.</summary>
    Unsupported,
}

/// <summary>A request's path taken apart; names are decoded. COSMOS-PROTOCOL §2 and §3.5.</summary>
internal readonly record struct ResourcePath(PathKind Kind, string Type, string Database, string Container, string Id)
{
    private const string ItemsType = "docs";

    /// <summary>Deeper than any known path.</summary>
    private const int MaxSegments = 8;

    public static ResourcePath Parse(string target)
    {
        ReadOnlySpan<char> path = target;
        path = path.TrimStart('/');
        path = path is [.., '/'] ? path[..^1] : path; // The Python client ends every path with a slash.
        Span<Range> ranges = stackalloc Range[MaxSegments + 1];
        int count = path.IsEmpty ? 0 : path.Split(ranges, '/');
        if (count >= 6 && path[ranges[4]].SequenceEqual(ItemsType) && path[ranges[0]].SequenceEqual("dbs"))
        {
            // An id may hold a question mark, which clients do not escape: what looks like a query is part of the id. One with a
            // slash can be created but never be found.
            return count == 6
                ? new ResourcePath(PathKind.Item, ItemsType, Text(path[ranges[1]]), Text(path[ranges[3]]), Text(path[ranges[5]]))
                : new ResourcePath(PathKind.UnreachableItem, ItemsType, Text(path[ranges[1]]), Text(path[ranges[3]]), "");
        }

        int query = path.IndexOf('?');
        path = (query < 0 ? path : path[..query]).TrimEnd('/');
        count = path.IsEmpty ? 0 : path.Split(ranges, '/');

        string Segment(ReadOnlySpan<char> all, ReadOnlySpan<Range> parts, int index) => Text(all[parts[index]]);
        if (count == 0)
        {
            return new ResourcePath(PathKind.Account, "", "", "", "");
        }

        string type = Segment(path, ranges, count % 2 == 1 ? count - 1 : count - 2);
        string id = count % 2 == 0 ? Segment(path, ranges, count - 1) : "";
        string database = count >= 2 ? Segment(path, ranges, 1) : "";
        string container = count >= 4 ? Segment(path, ranges, 3) : "";
        return new ResourcePath(Recognize(path, ranges[..count], type), type, database, container, id);
    }

    private static PathKind Recognize(ReadOnlySpan<char> path, ReadOnlySpan<Range> parts, string type)
    {
        bool inDatabase = path[parts[0]].SequenceEqual("dbs");
        bool inContainer = inDatabase && parts.Length >= 4 && path[parts[2]].SequenceEqual("colls");
        bool inUser = inDatabase && parts.Length >= 4 && path[parts[2]].SequenceEqual("users");
        return (parts.Length, type) switch
        {
            (1, "dbs") => PathKind.Databases,
            (2, "dbs") => PathKind.Database,
            (1, "offers") => PathKind.Offers,
            (2, "offers") => PathKind.Offer,
            (3, "colls") => PathKind.Containers,
            (4, "colls") => PathKind.Container,
            (3, "clientencryptionkeys") => PathKind.EncryptionKeys,
            (4, "clientencryptionkeys") => PathKind.EncryptionKey,
            (5, "docs") when inContainer => PathKind.Items,
            (5, "pkranges") when inContainer => PathKind.PartitionKeyRanges,
            (6, "operations") when inContainer && path[parts[5]].SequenceEqual("partitionkeydelete") => PathKind.PartitionDeletion,
            (5, "conflicts") when inContainer => PathKind.Conflicts,
            (5, "sprocs" or "triggers" or "udfs") when inContainer => PathKind.KeptResources,
            (6, "sprocs" or "triggers" or "udfs") when inContainer => PathKind.KeptResource,
            (3, "users") when inDatabase => PathKind.KeptResources,
            (4, "users") when inDatabase => PathKind.KeptResource,
            (5, "permissions") when inUser => PathKind.KeptResources,
            (6, "permissions") when inUser => PathKind.KeptResource,
            (6, "conflicts") when inContainer => PathKind.Unsupported,
            _ when path[parts[0]].StartsWith("addresses", StringComparison.Ordinal) || type == "addresses" => PathKind.Addresses,
            _ => PathKind.Unknown,
        };
    }

    /// <summary>Percent sequences are decoded once; a plus stays a plus.</summary>
    private static string Text(ReadOnlySpan<char> segment) =>
        segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment.ToString();
}
