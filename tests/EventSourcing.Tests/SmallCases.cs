using System.Text.RegularExpressions;
using CsCheck;

namespace Serverless.EventSourcing.Tests;

/// <summary>Properties whose counterexamples are made small: once one is found, its seed is where a longer search for a smaller one starts.</summary>
internal static partial class SmallCases
{
    private const int ShrinkingIterations = 20_000;

    public static void Check<T>(Gen<T> cases, Action<T> check, int iterations)
    {
        try
        {
            cases.Sample(check, iter: iterations);
        }
        catch (CsCheckException found) when (Seed.Match(found.Message) is { Success: true } seed)
        {
            cases.Sample(check, seed: seed.Groups[1].Value, iter: ShrinkingIterations);
            throw; // Only what can't be repeated comes here.
        }
    }

    [GeneratedRegex("Set seed: \"([^\"]+)\"")]
    private static partial Regex Seed { get; }
}
