namespace Serverless.EventSourcing;

/// <summary>Which records of a container to read, newest first by the time at which the store wrote them, which has whole seconds.</summary>
public sealed record NewestQuery
{
    /// <summary>Streams of one category only; null for all.</summary>
    public string? Category { get; init; }

    /// <summary>Records from this second on; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>At most so many records; a page can have fewer and yet not be the last.</summary>
    public required int PageSize { get; init; }

    /// <summary>From the page before; null to begin with the newest.</summary>
    public string? Continuation { get; init; }

    /// <summary>What makes it another query for <see cref="EventSourcing.Continuation"/>, whose page size may change from page to page.</summary>
    public string NameOf(string container) => $"newest {container}\n{Category}\n{Since?.ToUnixTimeSeconds()}";
}

/// <summary>A record and when the store wrote it.</summary>
public sealed record Written<T>(T Record, DateTimeOffset WrittenAt);

/// <summary>A page, newest first. A continuation of null means that it is the last.</summary>
public sealed record NewestPage<T>(IReadOnlyList<Written<T>> Items, string? Continuation);
