using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Documents;

/// <summary>Editors send the requests of README.md from a file; it has the same ones.</summary>
public sealed partial class RequestFileTests
{
    private const string Api = "http://localhost:7071/api";

    [Fact]
    public void Requests_of_the_file_are_those_of_the_readme()
    {
        string[] printed = [.. MarkdownFile.Of("README.md").Blocks.Where(b => b.Language == "bash")
            .SelectMany(b => b.Lines).Where(l => l.StartsWith("curl ", StringComparison.Ordinal)).Select(ToRequest)];
        string[] stored = [.. File.ReadAllText(RepositoryFiles.At("requests.http")).ReplaceLineEndings("\n").Split("###\n").Skip(1).Select(r => r.Trim())];

        Assert.NotEmpty(printed);
        Assert.Equal(printed, stored);
    }

    /// <summary>A curl command as an entry of the file.</summary>
    private static string ToRequest(string curl)
    {
        string[] words = [.. Word.Matches(curl).Skip(1).Select(m => m.Value.Trim('\''))];
        string url = words.Single(w => w.StartsWith(Api, StringComparison.Ordinal)).Replace(Api, "{{api}}", StringComparison.Ordinal);
        IEnumerable<string> After(string option) => words.Index().Where(w => w.Item == option).Select(w => words[w.Index + 1]);
        string head = string.Join('\n', [$"{After("-X").SingleOrDefault("GET")} {url}", .. After("-H")]);
        return After("-d").SingleOrDefault() is { } body ? $"{head}\n\n{body}" : head;
    }

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word { get; }
}
