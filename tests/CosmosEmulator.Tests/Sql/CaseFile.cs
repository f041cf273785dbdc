using System.Runtime.CompilerServices;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>
/// Cases as lines of a text file beside the tests: <c>left => right</c>. Empty lines and lines that start with <c>#</c> say nothing to
/// the reader; a line that starts with a blank continues the one before.
/// </summary>
internal static class CaseFile
{
    private const string Arrow = " => ";

    public static TheoryData<string, string> Read(params string[] names)
    {
        var data = new TheoryData<string, string>();
        foreach (string line in names.SelectMany(Lines))
        {
            int arrow = line.LastIndexOf(Arrow, StringComparison.Ordinal);
            Assert.True(arrow > 0, $"No '=>' in: {line}");
            data.Add(line[..arrow].Trim(), line[(arrow + Arrow.Length)..].Trim());
        }

        return data;
    }

    public static IEnumerable<string> Lines(string name)
    {
        string? pending = null;
        foreach (string line in File.ReadLines(PathOf(name)).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == ' ')
            {
                pending += line.TrimEnd();
                continue;
            }

            if (pending is not null)
            {
                yield return pending;
            }

            pending = line.TrimEnd();
        }

        if (pending is not null)
        {
            yield return pending;
        }
    }

    public static string PathOf(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here) ?? "", "Cases", name);
}
