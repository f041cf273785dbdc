using System.Runtime.CompilerServices;

namespace Serverless.Cli.Tests.Costs;

/// <summary>docs/costs.md, whose figures are those that are measured and calculated here.</summary>
internal static class CostPage
{
    public static string Text { get; } = File.ReadAllText(PathOf());

    public static HashSet<string> Lines { get; } = [.. Text.Split('\n').Select(l => l.TrimEnd())];

    private static string PathOf([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/costs.md");
}
