namespace Serverless.EventSourcing;

/// <summary>
/// What a new version of a projection has to pass before it takes over, beside having caught up: a sample of the documents that serve now,
/// each compared with what the new version has under the same key.
/// </summary>
public sealed record VersionCheck
{
    /// <summary>Every key of the sample is there, and has seen as much of each stream.</summary>
    public static VersionCheck SameKeys { get; } = new();

    /// <summary>For a version with other keys: nothing but having caught up.</summary>
    public static VersionCheck None { get; } = new() { Samples = 0 };

    /// <summary>Documents that are looked at, in the store's own order, which is that of a hash.</summary>
    public int Samples { get; init; } = 100;

    /// <summary>Null when the new document is as it should be, otherwise what is wrong with it. Pure; sees only documents that have seen the same.</summary>
    public Func<ViewSample, string?> Compare { get; init; } = static _ => null;

    /// <summary>The documents are equal but for the members that are named, as <c>$.balance</c>, with all that is below them.</summary>
    public static VersionCheck SameData(params string[] except) => new()
    {
        Compare = sample => JsonChange.Between(sample.Old, sample.New)
            .Where(c => !except.Any(e => c.Path == e || c.Path.StartsWith(e + ".", StringComparison.Ordinal) || c.Path.StartsWith(e + "[", StringComparison.Ordinal)))
            .Select(c => $"{c.Path} is different")
            .FirstOrDefault(),
    };
}

/// <summary>One key in two versions of a projection; the data is UTF-8 JSON.</summary>
public sealed record ViewSample(string Key, ReadOnlyMemory<byte> Old, ReadOnlyMemory<byte> New);

/// <summary>What a check found. Mirrors stored data.</summary>
/// <param name="At">UTC.</param>
/// <param name="Sampled">Documents that were looked for in the new version.</param>
/// <param name="Compared">Those of them that had seen the same in both, so that their data could be compared.</param>
/// <param name="Differences">In words, keys but no data; at most a few.</param>
public sealed record VersionCheckResult(DateTimeOffset At, int Sampled, int Compared, IReadOnlyList<string> Differences)
{
    public bool IsPassed => Differences.Count == 0;

    // Lists compare by reference; a result that says the same need not be stored again.
    internal bool SaysTheSameAs(VersionCheckResult? other) =>
        other is not null && Sampled == other.Sampled && Compared == other.Compared && Differences.SequenceEqual(other.Differences, StringComparer.Ordinal);
}
