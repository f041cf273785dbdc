using System.CommandLine;
using System.CommandLine.Parsing;
using Serverless.Cli.Output;

namespace Serverless.Cli;

/// <summary>What is wrong with a command line: one line in plain words, with the nearest name for one that does not exist.</summary>
internal static class ParseErrors
{
    private const int MaxDistance = 3;

    public static string Of(ParseResult parsed)
    {
        // A word that is no command also leaves the command missing; the word says more.
        string? unknown = parsed.UnmatchedTokens is [string word, ..] ? word : null;
        string what = unknown is null ? Plain(parsed.Errors[0]) : Unknown(unknown, parsed.CommandResult.Command);
        return Cell.OneLine($"{what} Help: {Tool.PathOf(parsed.CommandResult.Command)} --help");
    }

    private static string Plain(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens: [{ Value: var value }, ..] } option when Expected(option.Option.ValueType) is { } expected =>
            $"{option.Option.Name} takes {expected}, not '{value}'.",
        OptionResult { Tokens: [], Option: { Arity.MinimumNumberOfValues: > 0 } option } => $"{option.Name} takes a value.",
        ArgumentResult { Tokens: [{ Value: var value }, ..], Parent: OptionResult option } when Expected(option.Option.ValueType) is { } expected =>
            $"{option.Option.Name} takes {expected}, not '{value}'.",
        ArgumentResult { Tokens: [], Argument: var argument } => $"'{argument.Name}' is missing: {argument.Description}.",
        CommandResult { Command: { Subcommands.Count: > 0 } command } => $"A command is missing after '{Tool.PathOf(command)}'.",
        _ => error.Message,
    };

    private static string Unknown(string word, Command command)
    {
        IEnumerable<string> known = word.StartsWith('-')
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive))).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        string? nearest = known.Select(name => (Name: name, Distance: Distance(word, name))).Where(n => n.Distance <= Math.Min(MaxDistance, word.Length / 2))
            .OrderBy(n => n.Distance).Select(n => n.Name).FirstOrDefault();
        string what = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"'{word}' is no {what} of '{Tool.PathOf(command)}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}";
    }

    private static string? Expected(Type type)
    {
        Type value = Nullable.GetUnderlyingType(type) ?? type;
        return value == typeof(int) || value == typeof(long) ? "a whole number"
            : value == typeof(double) ? "a number"
            : value == typeof(bool) ? "true or false"
            : value == typeof(TimeSpan) ? "a time such as 00:01:30"
            : null;
    }

    /// <summary>The number of single-character edits between two words (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        int[] last = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] next = [i, .. new int[b.Length]];
            for (int j = 1; j <= b.Length; j++)
            {
                next[j] = Math.Min(Math.Min(next[j - 1], last[j]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            }
            last = next;
        }
        return last[^1];
    }
}
