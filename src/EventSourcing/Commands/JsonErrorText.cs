using System.Text.RegularExpressions;

namespace Serverless.EventSourcing;

/// <summary>Serializer messages in the words of someone who sent JSON.</summary>
internal static partial class JsonErrorText
{
    public static string WithoutClrNames(string message)
    {
        if (Unmapped.Match(message) is { Success: true } unmapped)
        {
            return $"The member '{unmapped.Groups[1].Value}' is not known here.";
        }
        if (Missing.Match(message) is { Success: true } missing)
        {
            return $"Required members are missing: {missing.Groups[1].Value}.";
        }
        if (Unconvertible.IsMatch(message))
        {
            return "The value has the wrong type or is out of range.";
        }
        if (Duplicate.Match(message) is { Success: true } duplicate)
        {
            return $"The member '{duplicate.Groups[1].Value}' is there twice.";
        }
        return NullForbidden.Match(message) is { Success: true } forbidden
            ? $"The member '{char.ToLowerInvariant(forbidden.Groups[1].Value[0])}{forbidden.Groups[1].Value[1..]}' must not be null."
            : message;
    }

    [GeneratedRegex(@"^The JSON property '([^']+)' could not be mapped")]
    private static partial Regex Unmapped { get; }

    [GeneratedRegex(@"was missing required properties including: (.+?)\.?$")]
    private static partial Regex Missing { get; }

    [GeneratedRegex(@"^The JSON value could not be converted to ")]
    private static partial Regex Unconvertible { get; }

    [GeneratedRegex(@"^Duplicate property '([^']+)' encountered")]
    private static partial Regex Duplicate { get; }

    [GeneratedRegex(@"^The (?:constructor parameter|property or field) '([^']+)' on type .+ doesn't allow null")]
    private static partial Regex NullForbidden { get; }
}
