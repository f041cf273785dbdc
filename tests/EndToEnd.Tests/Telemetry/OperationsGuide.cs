using System.Runtime.CompilerServices;

namespace Serverless.EndToEnd.Tests.Telemetry;

/// <summary>What docs/operations.md says of the metrics: its rows <c>| `serverless.…` | unit | …</c>.</summary>
internal static class OperationsGuide
{
    public static Dictionary<string, string> Metrics([CallerFilePath] string here = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "operations.md"))
            .Where(l => l.StartsWith("| `serverless.", StringComparison.Ordinal))
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(row => row[1].Trim('`'), row => row[2].Trim('`'), StringComparer.Ordinal);
}
