using System.Globalization;
using System.Text;
using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>What every request inside a container begins with: which container, which key, which part of it, and is it fresh enough.</summary>
internal sealed class ContainerAccess(Account account)
{
    // What clients send, and where it leads, when a container was made without a partition key.
    private static readonly PartitionKey NoKey = new();
    private static readonly PartitionKey NothingGiven = new(PartitionKeyComponent.Undefined);

    /// <summary>The container of an operation on items; what is missing decides the substatus. COSMOS-PROTOCOL §4.2.</summary>
    public Container Find(CosmosRequest request, in ResourcePath path)
    {
        Database database = account.Databases.Find(path.Database) ?? throw new RefusedException(Errors.OwnerNotFound);
        Container container = database.Containers.Find(path.Container) ?? throw new RefusedException(Errors.ContainerNotFound);
        if (request.Header(HeaderNames.IntendedContainer) is { Length: > 0 } intended && intended != container.ResourceIdText)
        {
            throw new RefusedException(Errors.IntendedContainerDiffers);
        }

        return container;
    }

    /// <summary>The key that a request names, complete or in part, or null when it names none.</summary>
    public static PartitionKey? KeyOf(CosmosRequest request)
    {
        string? header = request.Header(HeaderNames.PartitionKey);
        return header is null ? null : Parse(header);
    }

    public static PartitionKey Parse(string text)
    {
        if (!PartitionKey.TryParse(text, out PartitionKey? key))
        {
            throw new RefusedException(Errors.KeyMalformed);
        }

        foreach (PartitionKeyComponent component in key.Components)
        {
            // One character is at most three bytes, so most keys need no counting.
            if (component is StringComponent { Value: { Length: > Limits.PartitionKeyBytes / 3 } value }
                && Encoding.UTF8.GetByteCount(value) > Limits.PartitionKeyBytes)
            {
                throw new RefusedException(Errors.KeyTooLong);
            }
        }

        return key;
    }

    /// <summary>The complete key that a point operation needs.</summary>
    public static PartitionKey RequiredKey(CosmosRequest request, Container container)
    {
        PartitionKey? key = KeyOf(request);
        return key is null && !container.Definition.HasSystemKey
            ? throw new RefusedException(Errors.KeyMissing)
            : Complete(key ?? NoKey, container.Definition);
    }

    public static PartitionKey Complete(PartitionKey key, ContainerDefinition definition)
    {
        if (key.Components.Count == 0 && definition.HasSystemKey)
        {
            return NothingGiven;
        }

        int wanted = definition.PartitionKeyPaths.Count;
        if (key.Components.Count == wanted)
        {
            return key;
        }

        // "None" is one undefined component whatever the container looks like.
        return key.Components is [UndefinedComponent]
            ? new PartitionKey([.. Enumerable.Repeat(PartitionKeyComponent.Undefined, wanted)])
            : throw new RefusedException(Errors.KeyIncomplete);
    }

    /// <summary>COSMOS-PROTOCOL §6, scope headers.</summary>
    public static Scope ScopeOf(CosmosRequest request, Container container)
    {
        ContainerDefinition definition = container.Definition;
        PartitionMap map = container.Partitions;
        if (KeyOf(request) is { } key && (key.Components.Count > 0 || definition.HasSystemKey))
        {
            if (key.Components.Count == 0 || key.Components.Count >= definition.PartitionKeyPaths.Count || !definition.Hierarchical)
            {
                key = Complete(key, definition);
                return new Scope([container.PartitionOf(key)], key, null, definition.Hierarchical);
            }

            // A prefix of a hierarchical key is a prefix of the hash.
            string prefix = key.Effective(hierarchical: true);
            return Windowed(map.All, new EpkWindow(prefix, prefix + EffectivePartitionKey.Maximum), definition);
        }

        EpkWindow? window = WindowOf(request);
        if (request.Header(HeaderNames.PartitionKeyRangeId) is { Length: > 0 } range)
        {
            // Older clients put the container's resource id and a comma before the range id.
            PhysicalPartition partition = map.FindById(range[(range.IndexOf(',', StringComparison.Ordinal) + 1)..])
                ?? throw new RefusedException(Errors.RangeGone);
            return new Scope([partition], null, window, definition.Hierarchical);
        }

        return window is null ? new Scope(map.All, null, null, definition.Hierarchical) : Windowed(map.All, window, definition);
    }

    public static int MaxItems(CosmosRequest request)
    {
        string? header = request.Header(HeaderNames.MaxItemCount);
        return header is null ? Limits.PageItems
            : !int.TryParse(header, NumberStyles.Integer, CultureInfo.InvariantCulture, out int count)
                ? throw new RefusedException(Errors.ItemCountMalformed)
            : count < -1 ? throw new RefusedException(Errors.ItemCountMalformed)
            : count < 1 ? Limits.PageItems : count;
    }

    /// <summary>Refuses a read whose session token is ahead of the partition.</summary>
    public static void CheckSession(CosmosRequest request, PhysicalPartition partition, long lsn)
    {
        if (SeenLsn(request, partition) > lsn)
        {
            throw new RefusedException(Errors.SessionNotAvailable);
        }
    }

    /// <summary>
    /// What the session of the request has seen of a partition, 0 if nothing. A token may name several ranges; after a split it may name
    /// an ancestor, whose counter the partition has inherited.
    /// </summary>
    public static long SeenLsn(CosmosRequest request, PhysicalPartition partition)
    {
        long seen = 0;
        if (request.Header(HeaderNames.SessionToken) is not { Length: > 0 } tokens)
        {
            return seen;
        }

        foreach (Range part in tokens.AsSpan().Split(','))
        {
            ReadOnlySpan<char> token = tokens.AsSpan(part).Trim();
            int colon = token.IndexOf(':');
            int hash = token.IndexOf('#');
            ReadOnlySpan<char> number = hash >= 0 ? token[(hash + 1)..] : token[(colon + 1)..];
            int regions = number.IndexOf('#');
            if (colon < 0 || !long.TryParse(regions < 0 ? number : number[..regions], CultureInfo.InvariantCulture, out long wanted))
            {
                throw new RefusedException(Errors.SessionMalformed);
            }

            if (wanted > seen && partition.Range.DescendsFrom(token[..colon]))
            {
                seen = wanted;
            }
        }

        return seen;
    }

    private static Scope Windowed(IReadOnlyList<PhysicalPartition> partitions, EpkWindow window, ContainerDefinition definition) =>
        new([.. partitions.Where(partition => partition.Range.Overlaps(window))], null, window, definition.Hierarchical);

    private static EpkWindow? WindowOf(CosmosRequest request)
    {
        if (request.Header(HeaderNames.ReadKeyType) is not { } type || !type.Equals("EffectivePartitionKeyRange", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return (request.Header(HeaderNames.StartEpk), request.Header(HeaderNames.EndEpk)) switch
        {
            ({ } start, { } end) => new EpkWindow(start, end),
            _ => throw new RefusedException(Errors.EpkWindowMalformed),
        };
    }
}
