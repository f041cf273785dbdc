using System.Collections.Frozen;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Computes a call from its arguments, undefined ones included.</summary>
internal delegate SqlValue FunctionBody(ReadOnlySpan<SqlValue> arguments);

/// <summary>
/// A built-in function: its upper-case name, how many arguments it takes (no maximum: any number), and what it computes. One without
/// a body is refused by name, unless it is a function of the current time.
/// </summary>
internal sealed record Function(string Name, int MinArguments, int? MaxArguments, FunctionBody? Body)
{
    /// <summary>Whether a call with constant arguments can have different results.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>What it computes from the current time.</summary>
    public Func<DateTime, SqlValue>? OfNow { get; init; }

    /// <summary>Whether the current time is that of the execution's start, the same for every row.</summary>
    public bool IsStatic { get; init; }

    /// <summary>A number of arguments for which the service knows a second form that this engine refuses.</summary>
    public int? RefusedArguments { get; init; }

    public bool IsSupported => Body is not null || OfNow is not null;
}

/// <summary>All built-in scalar functions by name, without regard to case.</summary>
internal static class FunctionTable
{
    /// <summary>Names that the service also knows with underscores.</summary>
    private static readonly FrozenDictionary<string, string> Spaced = new Dictionary<string, string>
    {
        ["SETDIFFERENCE"] = "SET_DIFFERENCE",
        ["SETEQUAL"] = "SET_EQUAL",
        ["SETINTERSECT"] = "SET_INTERSECT",
        ["SETUNION"] = "SET_UNION",
        ["STRINGEQUALS"] = "STRING_EQUALS",
        ["STRINGJOIN"] = "STRING_JOIN",
        ["STRINGSPLIT"] = "STRING_SPLIT",
        ["STRINGTOARRAY"] = "STRING_TO_ARRAY",
        ["STRINGTOBOOLEAN"] = "STRING_TO_BOOLEAN",
        ["STRINGTONULL"] = "STRING_TO_NULL",
        ["STRINGTONUMBER"] = "STRING_TO_NUMBER",
        ["STRINGTOOBJECT"] = "STRING_TO_OBJECT",
        ["TOSTRING"] = "TO_STRING",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Function> Functions = All().ToFrozenDictionary(
        entry => entry.Name, entry => entry.Function, StringComparer.OrdinalIgnoreCase);

    /// <summary>All names, second spellings included.</summary>
    public static IEnumerable<string> Names => Functions.Keys;

    public static IEnumerable<Function> Supported => Functions.Values.Where(function => function.IsSupported).Distinct();

    public static IEnumerable<string> Refused => Functions.Values.Where(f => !f.IsSupported).Select(f => f.Name).Distinct();

    public static Function? Find(string name) => Functions.GetValueOrDefault(name);

    private static IEnumerable<(string Name, Function Function)> All()
    {
        Function[] functions =
        [
            .. MathFunctions.All, .. IntegerFunctions.All, .. TypeFunctions.All, .. StringFunctions.All, .. StringSearchFunctions.All,
            .. RegexFunctions.All, .. ConversionFunctions.All, .. ArrayFunctions.All, .. SetFunctions.All, .. DateTimeFunctions.All,
            .. UnsupportedFunctions.All,
        ];
        foreach (Function function in functions)
        {
            yield return (function.Name, function);
            if (Spaced.TryGetValue(function.Name, out string? spaced))
            {
                yield return (spaced, function);
            }
            else if (function.Name.Contains('_', StringComparison.Ordinal) && !function.Name.StartsWith("ST_", StringComparison.Ordinal))
            {
                // All others with underscores, except the spatial ones, are known without them too.
                yield return (function.Name.Replace("_", "", StringComparison.Ordinal), function);
            }
        }
    }
}
