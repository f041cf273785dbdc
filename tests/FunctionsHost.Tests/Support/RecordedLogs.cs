using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Serverless.FunctionsHost.Tests.Support;

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> entries = new();
    private readonly ITestOutputHelper? output = TestContext.Current.TestOutputHelper;

    public IReadOnlyCollection<Entry> Entries => entries;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public Task WaitForAsync(Func<Entry, bool> condition) => Wait.UntilAsync(() => entries.Any(condition));

    public void Dispose()
    {
    }

    internal sealed record Entry(string Category, LogLevel Level, string Message, Exception? Exception);

    private sealed class Logger(RecordedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var entry = new Entry(category, logLevel, formatter(state, exception), exception);
            logs.entries.Enqueue(entry);
            logs.output?.WriteLine($"{entry.Level} {entry.Category}: {entry.Message} {entry.Exception?.GetType().Name}");
        }
    }
}
