namespace Serverless.Benchmarks;

/// <summary>How the events of a store are spread over streams, and in which order they were written: what a replay costs depends on it.</summary>
internal sealed record ReplayOrder(string Name, string Description, Func<int, IReadOnlyList<Visit>> Visits)
{
    private const int EventsPerStream = 10;
    private const int Seed = 20261123;

    public static IReadOnlyList<ReplayOrder> All { get; } =
    [
        new("turn", "10 events per stream, one stream after the other", InTurn),
        new("bursts", "bursts of 1 to 10 events; three in ten open a stream, the others return to one, the later it was used the likelier", Bursts),
        new("random", "10 events per stream, in random order", Random),
    ];

    private static List<Visit> InTurn(int events) => [.. Enumerable.Range(0, events / EventsPerStream).Select(stream => new Visit(stream, EventsPerStream))];

    private static Visit[] Random(int events)
    {
        Visit[] visits = [.. Enumerable.Range(0, events).Select(i => new Visit(i % (events / EventsPerStream), 1))];
        new Random(Seed).Shuffle(visits);
        return visits;
    }

    /// <summary>The distance to the visit that is followed up is uniform in its logarithm.</summary>
    private static List<Visit> Bursts(int events)
    {
        Random random = new(Seed);
        List<Visit> visits = [];
        int streams = 0;
        for (int left = events; left > 0; left -= visits[^1].Events)
        {
            int stream = visits.Count == 0 || random.NextDouble() < 0.3
                ? streams++
                : visits[^Math.Min(visits.Count, (int)Math.Pow(visits.Count, random.NextDouble()))].Stream;
            visits.Add(new Visit(stream, Math.Min(left, random.Next(1, EventsPerStream + 1))));
        }
        return visits;
    }
}

/// <summary>Events that one stream gets in a row.</summary>
internal readonly record struct Visit(int Stream, int Events);
