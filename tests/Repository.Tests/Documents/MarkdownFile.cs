using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Documents;

/// <summary>What the tests need of a Markdown file: its links, headings and fenced blocks.</summary>
internal sealed partial class MarkdownFile
{
    private readonly string[] lines;

    private MarkdownFile(string path)
    {
        Path = path;
        lines = File.ReadAllLines(RepositoryFiles.At(path));
        Blocks = [.. ReadBlocks()];
    }

    /// <summary>Relative to the root of the repository.</summary>
    public string Path { get; }

    public IReadOnlyList<FencedBlock> Blocks { get; }

    /// <summary>Not what stands in template/: those links are right in a new solution, where this same test looks at them.</summary>
    public static IReadOnlyList<MarkdownFile> All { get; } =
    [
        .. RepositoryFiles.Find(".", "*.md")
            .Where(path => !path.StartsWith("template/", StringComparison.Ordinal))
            .Select(path => new MarkdownFile(path)),
    ];

    public static MarkdownFile Of(string path) => new(path);

    /// <summary>Targets of links, with the line they stand in.</summary>
    public IEnumerable<(string Target, int Line)> Links() =>
        from line in TextLines()
        from match in LinkPattern().Matches(CodeSpan().Replace(line.Text, ""))
        select (match.Groups[1].Value, line.Number);

    /// <summary>Anchors as GitHub makes them from headings.</summary>
    public IEnumerable<string> Anchors() =>
        from line in TextLines()
        where line.Text.StartsWith('#')
        select NotInAnchor().Replace(line.Text.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    /// <summary>Lines outside of fenced blocks.</summary>
    private IEnumerable<(string Text, int Number)> TextLines() =>
        lines.Select((text, index) => (text, index + 1)).Where(l => !Blocks.Any(b => b.FirstLine <= l.Item2 && l.Item2 <= b.LastLine));

    private IEnumerable<FencedBlock> ReadBlocks()
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                continue;
            }
            int end = Array.FindIndex(lines, i + 1, l => l.StartsWith("```", StringComparison.Ordinal));
            Assert.True(end > 0, $"{Path}:{i + 1}: the block has no end.");
            string[] info = lines[i][3..].Split(' ', 2, StringSplitOptions.TrimEntries);
            yield return new FencedBlock(Path, info[0], info.Length > 1 ? info[1] : null, lines[(i + 1)..end], i + 1, end + 1);
            i = end;
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchor();
}

/// <summary>A block between fences. <paramref name="Source"/> is what stands after the language: the file that it quotes.</summary>
internal sealed record FencedBlock(string Document, string Language, string? Source, IReadOnlyList<string> Lines, int FirstLine, int LastLine)
{
    public string Place => $"{Document}:{FirstLine}";
}
