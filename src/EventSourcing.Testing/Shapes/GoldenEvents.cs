using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Real stored events, at least one file for every version that can be read: <c>event.{name}.v{version}.json</c>, or with a word of its
/// own, <c>event.{name}.v{version}.{word}.json</c>. Each is read by today's code, is of the shape that its version had, and if that is
/// the current one, is written again byte by byte.
/// <code>GoldenEvents.Of(MyContext.Create()).Check(goldenFolder, shapesFolder);</code>
/// </summary>
public sealed partial class GoldenEvents
{
    private readonly BoundedContext context;

    private GoldenEvents(BoundedContext context) => this.context = context;

    public static GoldenEvents Of(BoundedContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new GoldenEvents(context);
    }

    /// <param name="folder">Where the events are; other files there are left alone.</param>
    /// <param name="shapesFolder">Where <see cref="StoredShapes"/> keeps its files.</param>
    /// <exception cref="SpecificationException">A version has no file, or an event is not read or not written as it was.</exception>
    public void Check(string folder, string shapesFolder)
    {
        GoldenFile[] files =
        [
            .. from path in Directory.EnumerateFiles(folder, "event.*.json").Order(StringComparer.Ordinal)
               let match = NamePattern().Match(Path.GetFileName(path))
               where match.Success
               select new GoldenFile(match.Groups["name"].Value, int.Parse(match.Groups["version"].Value), path),
        ];
        List<string> problems = [];
        foreach (AggregateShape aggregate in context.Aggregates)
        {
            foreach (EventVersion version in aggregate.EventVersions)
            {
                GoldenFile[] golden = [.. files.Where(f => f.Event == version.Name && f.Version == version.Version)];
                problems.AddRange(golden.Length == 0
                    ? [$"event.{version.Name}.v{version.Version}.json is missing: keep a stored event of every version in {folder}."]
                    : golden.Select(f => Problem(aggregate, version, f, shapesFolder)).OfType<string>());
            }
        }
        problems.AddRange(files
            .Where(f => !context.Aggregates.Any(a => a.EventVersions.Any(v => v.Name == f.Event && v.Version == f.Version)))
            .Select(f => $"{Path.GetFileName(f.Path)}: nothing reads this version of '{f.Event}' any more, and it is stored for ever."));
        if (problems.Count > 0)
        {
            throw new SpecificationException($"{problems.Count} stored event(s) are not as they were.\n  {string.Join("\n  ", problems)}");
        }
    }

    private static string? Problem(AggregateShape aggregate, EventVersion version, GoldenFile file, string shapesFolder)
    {
        string fileName = Path.GetFileName(file.Path);
        byte[] data = Encoding.UTF8.GetBytes(File.ReadAllText(file.Path).TrimEnd('\n'));
        IReadOnlyList<StoredEvent> today;
        try
        {
            today = aggregate.InTodaysShape(CommitOf(aggregate, new StoredEvent(version.Name, version.Version, data)));
        }
        catch (EventDecodeException e)
        {
            return $"{fileName}: {e.Message}";
        }
        if (version.IsCurrent && !today[0].Data.Span.SequenceEqual(data))
        {
            return $"{fileName}: it is written as {Encoding.UTF8.GetString(today[0].Data.Span)} now.";
        }
        if (StoredShapes.Read(shapesFolder, $"event.{version.Name}.v{version.Version}.json") is not { } shape)
        {
            return null; // That is for StoredShapes to say.
        }
        using JsonDocument document = JsonDocument.Parse(data);
        return ShapeComparison.FirstMisfit(document.RootElement, shape) is { } misfit
            ? $"{fileName}: it is not of the shape of its version. {misfit}"
            : null;
    }

    private static Commit CommitOf(AggregateShape aggregate, StoredEvent stored) => new()
    {
        Stream = StreamName.Create(aggregate.Category, "golden"),
        FirstVersion = 1,
        Events = [stored],
        Metadata = new CommitMetadata
        {
            CommandId = "golden",
            CommandType = "golden",
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = "golden",
            Timestamp = DateTimeOffset.UnixEpoch,
        },
    };

    [GeneratedRegex(@"^event\.(?<name>.+)\.v(?<version>[0-9]{1,9})(\.[^.]+)?\.json$")]
    private static partial Regex NamePattern();

    private sealed record GoldenFile(string Event, int Version, string Path);
}
