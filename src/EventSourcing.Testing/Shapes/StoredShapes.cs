using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Holds a bounded context to what it has stored: the shape of every event, command, snapshot and view is kept in a file per version,
/// beside the tests, and the names of its processes, steps and projections in <c>names.json</c>, and a shape that no longer is that of its file is an error which says what to do. Files are added and never
/// overwritten; what is to be added is written elsewhere, for somebody to look at and copy.
/// <code>StoredShapes.Of(MyContext.Create()).Check(folder);</code>
/// </summary>
public sealed partial class StoredShapes
{
    private const string Guide = "docs/guides/change-an-event.md";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly BoundedContext context;
    private readonly Dictionary<Type, string> converterNames = [];

    private StoredShapes(BoundedContext context) => this.context = context;

    /// <summary>Where the files of new shapes are written, to be looked at and copied.</summary>
    public string ProposalsFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "StoredShapes.proposed");

    public static StoredShapes Of(BoundedContext context, string? proposalsFolder = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        return proposalsFolder is null ? new StoredShapes(context) : new StoredShapes(context) { ProposalsFolder = proposalsFolder };
    }

    /// <summary>
    /// A converter that writes what one of another name wrote before: files name converters, since nothing else tells what they write.
    /// </summary>
    public StoredShapes WithRenamedConverter(string oldName, Type converter)
    {
        ArgumentNullException.ThrowIfNull(converter);
        converterNames[converter] = oldName;
        return this;
    }

    /// <exception cref="SpecificationException">A shape is not that of its file, has none, or a file has no shape. Says what to do.</exception>
    public void Check(string folder)
    {
        Directory.CreateDirectory(folder);
        HashSet<string> known = new(StringComparer.Ordinal);
        List<string> problems = [];
        foreach (Kept shape in Shapes())
        {
            known.Add(shape.Name);
            problems.AddRange(shape.IsNumberedByFiles ? CheckCommand(shape, folder) : CheckVersion(shape, folder));
        }
        problems.AddRange(CheckOldEvents(folder, known));
        problems.AddRange(StoredNames.Check(context, folder, ProposalsFolder));
        problems.AddRange(Files(folder).Where(f => !known.Contains(f.Name)).Select(f =>
            $"{f.FileName}: nothing of that name is registered any more.\n"
            + "  Commits and documents of it may still be stored. If they are gone for good, delete the file; if not, register it again."));
        if (problems.Count > 0)
        {
            throw new SpecificationException($"{problems.Count} stored shape(s) or names need a decision ({Guide}).\n\n{string.Join("\n\n", problems)}\n");
        }
    }

    private IEnumerable<string> CheckVersion(Kept shape, string folder)
    {
        JsonObject now = Describe(shape.Json);
        if (Read(folder, shape.FileName) is not { } kept)
        {
            yield return Propose(shape.FileName, now, folder, shape.Version == 1 ? "is new" : "is a new version");
            yield break;
        }
        string[] differences = [.. ShapeComparison.Between(kept, now).Select(d => d.Sentence)];
        if (differences.Length > 0)
        {
            yield return $"{shape.FileName}: the class is no longer what this version stored.\n{Lines(differences)}\n{shape.Advice}";
        }
    }

    // A stored command has no version: the number in the file's name counts the shapes there have been, and today's must read them all.
    private IEnumerable<string> CheckCommand(Kept shape, string folder)
    {
        JsonObject now = Describe(shape.Json);
        ShapeFile[] files = [.. Files(folder).Where(f => f.Name == shape.Name).OrderBy(f => f.Version)];
        for (int i = 0; i < files.Length; i++)
        {
            ShapeFile file = files[i];
            ShapeDifference[] differences = [.. ShapeComparison.Between(Read(folder, file.FileName)!, now)];
            string[] unreadable = [.. differences.Where(d => !d.KeepsOldReadable).Select(d => d.Sentence)];
            if (unreadable.Length > 0)
            {
                yield return $"{file.FileName}: commands that were stored in this shape can't be read any more.\n{Lines(unreadable)}\n{shape.Advice}";
                yield break;
            }
            if (i == files.Length - 1 && differences.Length > 0)
            {
                yield return Propose(
                    shape.FileNameOf(file.Version + 1), now, folder,
                    $"has more than {file.FileName}, which can still be read\n{Lines(differences.Select(d => d.Sentence))}");
            }
        }
        if (files.Length == 0)
        {
            yield return Propose(shape.FileNameOf(1), now, folder, "is new");
        }
    }

    /// <summary>Versions that only upcasters know have no class to describe: their files must be there, and what is there must be read.</summary>
    private IEnumerable<string> CheckOldEvents(string folder, HashSet<string> known)
    {
        Dictionary<string, ShapeFile[]> files = Files(folder).GroupBy(f => f.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        foreach (IGrouping<string, EventVersion> versions in context.Aggregates.SelectMany(a => a.EventVersions).GroupBy(v => "event." + v.Name, StringComparer.Ordinal))
        {
            known.Add(versions.Key);
            ShapeFile[] kept = files.GetValueOrDefault(versions.Key, []);
            foreach (EventVersion old in versions.Where(v => !v.IsCurrent && kept.All(f => f.Version != v.Version)))
            {
                yield return $"{versions.Key}.v{old.Version}.json: the file of a released version is missing.\n  Bring it back from the history of the repository.";
            }
            foreach (ShapeFile unread in kept.Where(f => versions.All(v => v.Version != f.Version)))
            {
                yield return $"{unread.FileName}: no event and no upcaster reads this version any more.\n  Events of it are stored for ever: bring back its upcaster, or the version of the event that was lowered.";
            }
        }
    }

    private IEnumerable<Kept> Shapes()
    {
        foreach (AggregateShape aggregate in context.Aggregates)
        {
            foreach (EventShape e in aggregate.Events)
            {
                yield return new Kept(
                    $"event.{e.Name}", e.Version, e.Json,
                    $"  Events of version {e.Version} are stored for ever. Undo this, or register the class as version {e.Version + 1} and add\n"
                    + $"  .Upcast(\"{e.Name}\", {e.Version}, …), which makes the new JSON of the old; a member that may be left out needs it too, since the\n"
                    + "  code before can't read what it does not know. Then accept the file of the new version.");
            }
            foreach (CommandShape command in aggregate.Commands)
            {
                yield return new Kept(
                    $"command.{aggregate.Category}.{command.Name}", 0, command.Json,
                    "  Commits and the inbox keep commands as they were sent. Undo this, make the new member optional, or register the changed class\n"
                    + "  as a command of another name beside this one.");
            }
            if (aggregate.Snapshots is { } snapshots)
            {
                yield return new Kept(
                    $"snapshot.{aggregate.Category}", snapshots.SchemaVersion, aggregate.StateJson,
                    $"  Snapshots of version {snapshots.SchemaVersion} are stored. Raise the schema version of '{aggregate.Category}' to {snapshots.SchemaVersion + 1}: they are then passed\n"
                    + "  over, and the next commits write new ones. No upcaster is needed. Then accept the file of the new version.");
            }
        }
        foreach (IProjection projection in context.Projections)
        {
            foreach (ViewShape view in projection.Shapes)
            {
                yield return new Kept(
                    view.Kind == ViewKind.View ? $"view.{projection.Name}" : $"view.{projection.Name}.{view.Kind.ToString().ToLowerInvariant()}",
                    projection.Version, view.Json,
                    $"  Documents of version {projection.Version} are stored. Raise the version of '{projection.Name}' to {projection.Version + 1}: it is then built anew from the first event.\n"
                    + "  A member that may be left out needs that too, or old documents never get it. Then accept the file of the new version.");
            }
        }
    }

    private JsonObject Describe(JsonTypeInfo json) =>
        new ShapeDescription(type => converterNames.GetValueOrDefault(type, type.Name)).Of(json);

    private string Propose(string fileName, JsonObject shape, string folder, string what)
    {
        Directory.CreateDirectory(ProposalsFolder);
        string proposal = Path.Combine(ProposalsFolder, fileName);
        File.WriteAllText(proposal, shape.ToJsonString(Indented) + "\n");
        return $"{fileName}: this shape {what}.\n  If it is what you want to store from now on, accept it: cp '{proposal}' '{folder}'";
    }

    internal static JsonObject? Read(string folder, string fileName) =>
        File.Exists(Path.Combine(folder, fileName)) ? JsonNode.Parse(File.ReadAllText(Path.Combine(folder, fileName)))!.AsObject() : null;

    private static IEnumerable<ShapeFile> Files(string folder) =>
        from path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
        where Path.GetFileName(path) != StoredNames.FileName
        let match = NamePattern().Match(Path.GetFileName(path))
        select match.Success
            ? new ShapeFile(match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), match.Value)
            : new ShapeFile(Path.GetFileName(path), 0, Path.GetFileName(path));

    private static string Lines(IEnumerable<string> sentences) => string.Join('\n', sentences.Select(s => "  - " + s));

    [GeneratedRegex(@"^(.+)\.v([0-9]{1,9})\.json$")]
    private static partial Regex NamePattern();

    private sealed record ShapeFile(string Name, int Version, string FileName);

    /// <summary>A shape that is stored today, and what to do when it is no longer that of its file.</summary>
    private sealed record Kept(string Name, int Version, JsonTypeInfo Json, string Advice)
    {
        public bool IsNumberedByFiles => Version == 0;

        public string FileName => FileNameOf(Version);

        public string FileNameOf(int version) => $"{Name}.v{version}.json";
    }
}
