using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Serverless.CosmosEmulator.Tests.Docs;

/// <summary>The table of what is supported names the tests that show it; a renamed or deleted test must not leave a claim behind.</summary>
public sealed partial class CompatibilityTableTests
{
    [Fact]
    public void Every_supported_area_names_tests_that_exist()
    {
        string[] types = [.. typeof(CompatibilityTableTests).Assembly.GetTypes().Select(type => type.Name)];
        string[] rows = [.. Rows("## Supported").Skip(2)];
        Assert.True(rows.Length > 15, "The table of what is supported was not found.");
        foreach (string row in rows)
        {
            string[] named = [.. Name().Matches(row.Split('|')[3]).Select(match => match.Groups[1].Value)];
            Assert.True(named.Length > 0, $"No test is named in: {row}");
            Assert.All(named, name => Assert.Contains(name, types));
        }
    }

    private static IEnumerable<string> Rows(string heading, [CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here) ?? "", "../../.."));
        return File.ReadLines(Path.Combine(root, "docs/emulator-compatibility.md"))
            .SkipWhile(line => line != heading).Skip(1)
            .TakeWhile(line => !line.StartsWith("##", StringComparison.Ordinal))
            .Where(line => line.StartsWith('|'));
    }

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Name();
}
