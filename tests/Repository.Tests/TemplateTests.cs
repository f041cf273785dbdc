using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests;

/// <summary>
/// The template of new solutions fits the files that it takes. What it makes of them is built, tested and started by <c>.ci/run</c>; here is
/// what can be seen without.
/// </summary>
public sealed class TemplateTests
{
    private static readonly JsonNode Template = JsonNode.Parse(File.ReadAllText(RepositoryFiles.At(".template.config/template.json")))!;

    private static readonly IReadOnlyList<string> Files =
        [.. Template["sources"]!.AsArray().SelectMany(s => FilesOf(s!)).Distinct()];

    [Fact]
    public void Every_file_and_folder_that_it_lists_is_there()
    {
        string[] missing =
        [
            .. from source in Template["sources"]!.AsArray()
               from pattern in Strings(source!["include"]).Concat(Strings(source["exclude"]).Where(e => !e.StartsWith("**/", StringComparison.Ordinal)))
               where !RepositoryFiles.Find(".", "*").Any(Matcher(pattern).IsMatch)
               select pattern,
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_phrase_that_it_replaces_stands_in_a_file_that_it_takes()
    {
        string[] texts = [.. Files.Select(f => File.ReadAllText(RepositoryFiles.At(f)))];
        string[] unused =
        [
            .. from symbol in Template["symbols"]!.AsObject()
               let phrase = (string?)symbol.Value!["replaces"]
               where phrase is not null && !texts.Any(t => t.Contains(phrase, StringComparison.Ordinal))
               select $"{symbol.Key}: {phrase}",
        ];
        Assert.Empty(unused);
    }

    [Fact]
    public void Every_project_that_one_of_its_projects_refers_to_comes_along()
    {
        string[] absent =
        [
            .. from project in Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && !f.StartsWith("template/", StringComparison.Ordinal))
               from Match reference in Regex.Matches(File.ReadAllText(RepositoryFiles.At(project)), "ProjectReference Include=\"([^\"]+)\"")
               let target = Path.GetRelativePath(RepositoryFiles.Root, Path.Combine(RepositoryFiles.At(project), "..", reference.Groups[1].Value)).Replace('\\', '/')
               // The bank is replaced by the context of the new solution.
               where target != "src/Banking/Banking.csproj" && !Files.Contains(target)
               select $"{project}: {target}",
        ];
        Assert.Empty(absent);
    }

    private static IEnumerable<string> FilesOf(JsonNode source)
    {
        string folder = ((string)source["source"]!)[2..];
        Regex[] include = [.. Strings(source["include"]).DefaultIfEmpty("**").Select(p => Matcher(folder + p))];
        Regex[] exclude = [.. Strings(source["exclude"]).Select(p => Matcher(folder + p))];
        return RepositoryFiles.Find(".", "*").Where(f => include.Any(i => i.IsMatch(f)) && !exclude.Any(e => e.IsMatch(f)));
    }

    private static IEnumerable<string> Strings(JsonNode? array) => array?.AsArray().Select(n => (string)n!) ?? [];

    // "**/" is any folders or none, "**" anything, "*" anything within a name: no other patterns are used.
    private static Regex Matcher(string pattern) => new(
        "^" + Regex.Escape(pattern).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant);
}
