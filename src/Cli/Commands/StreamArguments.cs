using System.CommandLine;
using System.Globalization;
using Serverless.EventSourcing;

namespace Serverless.Cli.Commands;

/// <summary>What several commands take. Each command makes its own: a symbol knows its parents.</summary>
internal static class StreamArguments
{
    public static Argument<string> Stream() => new("stream") { Description = "Category and id, such as account-alice-1" };

    public static Option<long?> Version() => new("--version") { Description = "After so many events", HelpName = "n" };

    public static Option<string?> At() => new("--at") { Description = "As it stood at an instant, such as 2026-11-23T09:30:00Z (UTC unless it says otherwise)", HelpName = "instant" };

    /// <exception cref="ToolException">It is no name of a stream.</exception>
    public static StreamName Require(this ParseResult parsed, Argument<string> argument) => Require(parsed.GetRequiredValue(argument));

    /// <exception cref="ToolException">It is no name of a stream.</exception>
    public static StreamName Require(string stream)
    {
        try
        {
            return StreamName.Parse(stream);
        }
        catch (FormatException e)
        {
            throw new ToolException(ExitCodes.Usage, e.Message, e);
        }
    }

    /// <exception cref="ToolException">Both are given, or one is not possible.</exception>
    public static StreamPoint Point(this ParseResult parsed, Option<long?> version, Option<string?> at, long firstVersion = 1)
    {
        long? number = parsed.GetValue(version);
        string? instant = parsed.GetValue(at);
        return (number, instant) switch
        {
            (null, null) => StreamPoint.End,
            (not null, not null) => throw ToolException.Usage("--version and --at can't be combined."),
            ({ } wanted, _) => wanted >= firstVersion && wanted <= Limits.MaxVersion
                ? StreamPoint.At(wanted)
                : throw ToolException.Usage($"--version is a whole number from {firstVersion} to {Limits.MaxVersion}."),
            _ => StreamPoint.At(Instant("--at", instant)!.Value),
        };
    }

    /// <exception cref="ToolException">It is no instant.</exception>
    public static DateTimeOffset? Instant(string option, string? text) =>
        text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
        : throw ToolException.Usage($"{option} is an instant such as 2026-11-23T09:30:00Z.");
}
