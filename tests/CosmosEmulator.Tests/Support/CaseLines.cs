using System.Runtime.CompilerServices;

namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>Cases as lines of a text file beside the tests, their parts divided by <c> | </c>; <c>#</c> begins a comment line.</summary>
internal static class CaseLines
{
    public static IEnumerable<string[]> Read(string name, [CallerFilePath] string here = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(here) ?? "", name))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(" | ", StringSplitOptions.TrimEntries));
}
