using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// The names that a context stores: of processes and their steps, which fences and command ids contain, and of projections, which leases
/// and documents contain. They are kept in one file beside the shapes, which only grows by itself.
/// </summary>
internal static class StoredNames
{
    public const string FileName = "names.json";

    private const string Processes = "processes";
    private const string Projections = "projections";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What needs a decision; nothing when the file has the names of the context.</summary>
    public static IEnumerable<string> Check(BoundedContext context, string folder, string proposalsFolder)
    {
        JsonObject kept = StoredShapes.Read(folder, FileName) ?? [];
        SortedDictionary<string, SortedSet<string>> processes = new(StringComparer.Ordinal);
        foreach ((string name, JsonNode? steps) in kept[Processes]?.AsObject() ?? [])
        {
            processes.Add(name, new SortedSet<string>(steps!.AsArray().Select(s => (string)s!), StringComparer.Ordinal));
        }
        SortedSet<string> projections = new((kept[Projections]?.AsArray() ?? []).Select(p => (string)p!), StringComparer.Ordinal);
        List<string> problems = [.. GoneProcesses(context, processes), .. GoneProjections(context, projections)];
        bool hasGrown = false;
        foreach (IProcessManager process in context.Processes)
        {
            hasGrown |= processes.TryAdd(process.Name, new SortedSet<string>(StringComparer.Ordinal));
            foreach (string step in process.Steps)
            {
                hasGrown |= processes[process.Name].Add(step);
            }
        }
        foreach (IProjection projection in context.Projections)
        {
            hasGrown |= projections.Add(projection.Name);
        }
        if (hasGrown)
        {
            problems.Add(Propose(processes, projections, folder, proposalsFolder));
        }
        return problems;
    }

    private static IEnumerable<string> GoneProcesses(BoundedContext context, SortedDictionary<string, SortedSet<string>> kept)
    {
        foreach ((string name, SortedSet<string> steps) in kept.Where(k => !context.RetiredProcesses.Contains(k.Key)))
        {
            if (context.Processes.FirstOrDefault(p => p.Name == name || p.FormerNames.Contains(name)) is not { } process)
            {
                yield return $"{FileName}: the process '{name}' is gone.\n"
                    + $"  Under a new name it would send every step again: add FormerNames = [\"{name}\"] to it. If it is gone for good, register it with\n"
                    + $"  RetireProcess(\"{name}\").";
            }
            else if (steps.Except(process.Steps).ToArray() is { Length: > 0 } gone)
            {
                yield return $"{FileName}: '{process.Name}' has no step '{string.Join("', '", gone)}' any more.\n"
                    + "  The ids of its commands contain the name: under another one it could be sent twice. Keep it in Steps. When no parked stream and no\n"
                    + "  event on its way can lead to it, take it out of the file as well.";
            }
        }
    }

    private static IEnumerable<string> GoneProjections(BoundedContext context, SortedSet<string> kept) =>
        kept.Where(name => context.Projections.All(p => p.Name != name)).Select(name =>
            $"{FileName}: the projection '{name}' is gone.\n"
            + "  Under a new name it is built anew, and the documents of the old one stay. If they are deleted or may stay, take the name out of the file.");

    private static string Propose(
        SortedDictionary<string, SortedSet<string>> processes, SortedSet<string> projections, string folder, string proposalsFolder)
    {
        JsonObject names = new()
        {
            [Processes] = new JsonObject(processes.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, ArrayOf(p.Value)))),
            [Projections] = ArrayOf(projections),
        };
        Directory.CreateDirectory(proposalsFolder);
        string proposal = Path.Combine(proposalsFolder, FileName);
        File.WriteAllText(proposal, names.ToJsonString(Indented) + "\n");
        return $"{FileName}: there are names that are not in it.\n"
            + $"  If they are what you want to store from now on, accept them: cp '{proposal}' '{Path.Combine(folder, FileName)}'";
    }

    private static JsonArray ArrayOf(IEnumerable<string> values) => [.. values.Select(v => (JsonNode?)v)];
}
