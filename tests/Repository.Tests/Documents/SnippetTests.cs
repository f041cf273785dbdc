namespace Serverless.Repository.Tests.Documents;

/// <summary>
/// Code in documents is quoted from files that compile or that tests read: after the language of its block stands the file. A line
/// that is only an ellipsis (<c>// …</c>) stands for what was left out.
/// </summary>
public sealed class SnippetTests
{
    private static readonly string[] QuotedLanguages = ["csharp", "json", "bicep", "xml"];

    private static IEnumerable<FencedBlock> Blocks => MarkdownFile.All.SelectMany(d => d.Blocks);

    [Fact]
    public void Every_block_of_code_names_the_file_that_it_quotes()
    {
        string[] nameless = [.. Blocks.Where(b => QuotedLanguages.Contains(b.Language) && b.Source is null).Select(b => b.Place)];
        Assert.Empty(nameless);
    }

    [Fact]
    public void Every_quotation_stands_in_its_file()
    {
        List<string> wrong = [];
        foreach (FencedBlock block in Blocks.Where(b => b.Source is not null))
        {
            string file = RepositoryFiles.At(block.Source!);
            if (!File.Exists(file))
            {
                wrong.Add($"{block.Place}: there is no {block.Source}.");
            }
            else if (FirstMissing(block, File.ReadAllLines(file)) is { } missing)
            {
                wrong.Add($"{block.Place}: {block.Source} has no such lines: {missing}");
            }
        }
        Assert.Empty(wrong);
    }

    // Indentation may differ; order and completeness between two ellipses may not.
    private static string? FirstMissing(FencedBlock block, string[] file)
    {
        string[] source = [.. file.Select(l => l.Trim())];
        int from = 0;
        foreach (string[] part in Parts(block))
        {
            int at = Enumerable.Range(from, Math.Max(0, source.Length - part.Length - from + 1))
                .FirstOrDefault(i => part.AsSpan().SequenceEqual(source.AsSpan(i, part.Length)), -1);
            if (at < 0)
            {
                return string.Join(" / ", part);
            }
            from = at + part.Length;
        }
        return null;
    }

    private static IEnumerable<string[]> Parts(FencedBlock block)
    {
        List<string> part = [];
        foreach (string line in block.Lines.Select(l => l.Trim()).Append("…"))
        {
            if (line is not ("…" or "// …"))
            {
                part.Add(line);
            }
            else if (part.Count > 0)
            {
                yield return [.. part];
                part.Clear();
            }
        }
    }
}
