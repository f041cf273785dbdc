namespace Serverless.Cli.Answers;

/// <summary>A part of a verified store. Mirrors wire data.</summary>
internal sealed record VerifiedPartDocument(
    long Read, long Commits, long Streams, IReadOnlyList<BrokenStreamDocument> Broken, long? Total = null, string? Continuation = null);

/// <summary>A link that does not hold. Mirrors wire data.</summary>
internal sealed record BrokenStreamDocument(string Stream, string Id, string Reason);

/// <summary>The whole store. What is broken is listed by stream, the first fault of each.</summary>
internal sealed record StoreVerifyDocument(long Commits, long Streams, bool IsIntact, bool IsComplete, IReadOnlyList<BrokenStreamDocument> Broken);

/// <summary>What came of lines that were sent. Mirrors wire data.</summary>
internal sealed record ImportedPartDocument(long Commits, long Written, long Known, IReadOnlyList<ImportGapDocument>? Gaps = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record ImportGapDocument(long Line, string Stream, string Reason);

/// <summary>What came of an import.</summary>
internal sealed record ImportDocument(long Commits, long Written, long Known, bool DryRun);

/// <summary>What an export wrote.</summary>
internal sealed record ExportDocument(long Commits, long Bytes);
