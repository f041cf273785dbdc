using System.Text;

namespace Serverless.EventSourcing.Testing;

/// <summary>A specification does not hold. Every test framework shows the message of an exception it doesn't know.</summary>
public sealed class SpecificationException(string message) : Exception(message)
{
    /// <summary>Both sides line by line: <c>-</c> expected but not there, <c>+</c> there but not expected.</summary>
    internal static SpecificationException Difference(string heading, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        StringBuilder message = new(heading);
        message.Append(" (- expected, + actual)");
        int[,] common = CommonSuffixes(expected, actual);
        int e = 0;
        int a = 0;
        while (e < expected.Count || a < actual.Count)
        {
            if (e < expected.Count && a < actual.Count && expected[e] == actual[a])
            {
                message.Append("\n    ").Append(expected[e++]);
                a++;
            }
            else if (a == actual.Count || (e < expected.Count && common[e + 1, a] >= common[e, a + 1]))
            {
                message.Append("\n  - ").Append(expected[e++]);
            }
            else
            {
                message.Append("\n  + ").Append(actual[a++]);
            }
        }
        return new SpecificationException(message.ToString());
    }

    // The longest common subsequence of what is left on both sides.
    private static int[,] CommonSuffixes(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        int[,] common = new int[expected.Count + 1, actual.Count + 1];
        for (int e = expected.Count - 1; e >= 0; e--)
        {
            for (int a = actual.Count - 1; a >= 0; a--)
            {
                common[e, a] = expected[e] == actual[a] ? common[e + 1, a + 1] + 1 : Math.Max(common[e + 1, a], common[e, a + 1]);
            }
        }
        return common;
    }
}
