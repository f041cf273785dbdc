using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Serverless.EventSourcing;

namespace Serverless.LocalHost;

/// <summary>
/// The log for somebody at the screen: a time and one line per message, and the stack trace below it. A function that keeps failing is shown
/// once a minute.
/// </summary>
internal sealed class LocalLog() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "local";

    private const int MaxErrorLength = 4_000;

    private readonly LogLimit limit = new(TimeProvider.System, TimeSpan.FromMinutes(1));

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        bool isFunction = entry.Category.StartsWith("Function.", StringComparison.Ordinal) && entry.LogLevel >= LogLevel.Error;
        if (isFunction && !limit.TryTake(entry.Category, out _))
        {
            return;
        }
        string level = entry.LogLevel switch
        {
            LogLevel.Critical or LogLevel.Error => " error:",
            LogLevel.Warning => " warning:",
            _ => "",
        };
        textWriter.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss.fff}{level} {entry.Formatter(entry.State, entry.Exception)}");
        if (entry.Exception is { } error)
        {
            textWriter.WriteLine(Shorten(error.ToString()));
        }
    }

    /// <summary>Without the diagnostics of the Cosmos DB client, which are pages.</summary>
    private static string Shorten(string error)
    {
        int diagnostics = error.IndexOf("Diagnostics:", StringComparison.Ordinal);
        int end = Math.Min(diagnostics < 0 ? error.Length : diagnostics, MaxErrorLength);
        return end == error.Length ? error : $"{error[..end].TrimEnd(' ', ';', '\n')} …";
    }
}
